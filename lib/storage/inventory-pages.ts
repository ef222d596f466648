import { decodeKey, nextOf, required } from './answers.ts';
import type { Connection } from './connection.ts';
import type { Inventory, ListedVersion, UnfinishedUpload, UploadPage, UploadPosition } from './inventory.ts';
import { parseXml, type XmlNode } from './xml.ts';

type Parameter = readonly [name: string, value: string];

export function openInventory({ send }: Connection): Inventory {
  async function ask(bucket: string, query: readonly Parameter[]): Promise<XmlNode> {
    const encoded = [...query, ['encoding-type', 'url']] as const;
    return parseXml((await send({ method: 'GET', bucket, query: encoded })).body);
  }

  async function pageOfUploads(
    bucket: string,
    prefix: string,
    { limit, after }: { readonly limit: number; readonly after?: UploadPosition | undefined },
  ): Promise<UploadPage> {
    const markers: readonly Parameter[] = after
      ? [
          ['key-marker', after.key],
          ['upload-id-marker', after.storageUploadId],
        ]
      : [];
    const page = await ask(bucket, [
      ['uploads', ''],
      ['prefix', prefix],
      ['max-uploads', String(limit)],
      ...markers,
    ]);
    const key = nextOf(page, 'NextKeyMarker');
    const storageUploadId = page.value('NextUploadIdMarker') ?? '';
    return {
      uploads: page.all('Upload').map(toUpload),
      ...(key !== undefined && { next: { key: decodeKey(key), storageUploadId } }),
    };
  }

  return {
    async listMultipartUploads(bucket, prefix) {
      const uploads: UnfinishedUpload[] = [];
      let next: UploadPosition | undefined;
      do {
        const page = await pageOfUploads(bucket, prefix, { limit: 1000, after: next });
        uploads.push(...page.uploads);
        next = page.next;
      } while (next);
      return uploads;
    },

    pageOfUploads: (bucket, query) => pageOfUploads(bucket, '', query),

    async pageOfVersions(bucket, { limit, after }) {
      const markers: readonly Parameter[] = after
        ? [
            ['key-marker', after.key],
            ['version-id-marker', after.versionId],
          ]
        : [];
      const page = await ask(bucket, [['versions', ''], ['max-keys', String(limit)], ...markers]);
      const key = nextOf(page, 'NextKeyMarker');
      const versionId = page.value('NextVersionIdMarker') ?? '';
      return {
        versions: page.all('Version').map(toVersion),
        ...(key !== undefined && { next: { key: decodeKey(key), versionId } }),
      };
    },
  };
}

function toUpload(node: XmlNode): UnfinishedUpload {
  return {
    key: decodeKey(required(node, 'Key')),
    storageUploadId: required(node, 'UploadId'),
    initiatedAt: new Date(required(node, 'Initiated')),
  };
}

function toVersion(node: XmlNode): ListedVersion {
  return {
    key: decodeKey(required(node, 'Key')),
    versionId: required(node, 'VersionId'),
    sizeBytes: Number(required(node, 'Size')),
  };
}
