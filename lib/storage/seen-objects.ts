import type { Connection } from './connection.ts';
import { S3Error } from './errors.ts';
import type { ObjectAddress } from './signing.ts';
import { canonicalQuery, uriEncodePath } from './sigv4.ts';
import { parseXml, xmlDocument, xmlElement } from './xml.ts';

/** An object, or one of its versions, as it was seen: another one that has taken its place meanwhile is left alone. */
export interface SeenObject extends ObjectAddress {
  readonly versionId?: string | undefined;
  /** Without quotes. */
  readonly etag: string;
}

export type Tags = Readonly<Record<string, string>>;

/** What is done to an object only as long as it is the one that was seen. Each throws {@link S3Error}. */
export interface SeenObjects {
  /**
   * Copies it within its bucket, with its metadata and tags: up to 5 GiB, which is what S3 copies in one request.
   *
   * @returns false when it is gone, or another by now
   */
  copySeen: (object: SeenObject, toKey: string) => Promise<boolean>;
  /**
   * Reads a piece of it, of at most 8 MiB: so the next try of a long read begins where the last one has failed.
   *
   * @param from - the first byte, which the object must have
   * @returns fewer bytes at its end; `undefined` when it is gone, or another by now
   */
  readSeen: (object: SeenObject, from: number, sizeBytes: number) => Promise<Buffer | undefined>;
  /** Deletes it. @returns false when it is gone, or another by now */
  deleteSeen: (object: SeenObject) => Promise<boolean>;
  /** Adds to its tags. S3 has no condition for that. @returns false when it is gone */
  addTags: (
    object: ObjectAddress & { readonly versionId?: string | undefined },
    tags: Tags,
  ) => Promise<boolean>;
}

export function createSeenObjects({ send, nameOf }: Connection): SeenObjects {
  return {
    copySeen: ({ bucket, key, versionId, etag }, toKey) =>
      unlessGone(() =>
        send(
          {
            method: 'PUT',
            bucket,
            key: toKey,
            headers: {
              'x-amz-copy-source':
                uriEncodePath(`/${nameOf(bucket)}/${key}`) +
                (versionId === undefined ? '' : `?${canonicalQuery([['versionId', versionId]])}`),
              'x-amz-copy-source-if-match': `"${etag}"`,
            },
          },
          { timeoutSeconds: 60 },
        ),
      ),

    readSeen: async ({ bucket, key, versionId, etag }, from, sizeBytes) => {
      let bytes: Buffer | undefined;
      await unlessGone(async () => {
        const response = await send(
          {
            method: 'GET',
            bucket,
            key,
            query: versionId === undefined ? [] : [['versionId', versionId]],
            headers: { range: `bytes=${from}-${from + sizeBytes - 1}`, 'if-match': `"${etag}"` },
          },
          { timeoutSeconds: 60 },
        );
        ({ bytes } = response);
      });
      return bytes;
    },

    deleteSeen: ({ bucket, key, versionId, etag }) =>
      unlessGone(() =>
        send({
          method: 'DELETE',
          bucket,
          key,
          // A version is what it is; S3 takes no condition beside its id.
          ...(versionId === undefined
            ? { headers: { 'if-match': `"${etag}"` } }
            : { query: [['versionId', versionId]] }),
        }),
      ),

    addTags: ({ bucket, key, versionId }, tags) =>
      unlessGone(async () => {
        const query: [string, string][] = [
          ['tagging', ''],
          ...(versionId === undefined ? [] : [['versionId', versionId] satisfies [string, string]]),
        ];
        const { body } = await send({ method: 'GET', bucket, key, query });
        const all = { ...tagsIn(body), ...tags };
        const set = Object.entries(all).map(([name, value]) =>
          xmlElement('Tag', [xmlElement('Key', name), xmlElement('Value', value)]),
        );
        await send({
          method: 'PUT',
          bucket,
          key,
          query,
          body: xmlDocument(xmlElement('Tagging', [xmlElement('TagSet', set)])),
        });
      }),
  };
}

function tagsIn(body: string): Tags {
  const set = parseXml(body).all('TagSet');
  return Object.fromEntries(
    set.flatMap((node) => node.all('Tag')).map((tag) => [tag.value('Key') ?? '', tag.value('Value') ?? '']),
  );
}

async function unlessGone(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof S3Error && (error.status === 404 || error.status === 412)) return false;
    throw error;
  }
}
