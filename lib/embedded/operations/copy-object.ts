import { xmlElement } from '../../storage/xml.ts';
import { readAttributes } from '../attributes.ts';
import type { Operation, Services, SignedCall } from '../call.ts';
import { checkRead, checkWrite } from '../conditions.ts';
import type { StoredObject } from '../index/objects.ts';
import { invalidArgument, Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { bucketOf } from './buckets.ts';
import { replaceObject } from './write-content.ts';

/** A copy shares the content of its source, whatever its size. */
export const copyObject: Operation = async (services, call) => {
  const { index, blobs, now } = services;
  const replacesMetadata = readDirective(call, 'x-amz-metadata-directive');
  const replacesTags = readDirective(call, 'x-amz-tagging-directive');
  const given = readAttributes(call.headers);
  const { object, freed } = await index.commit(() => {
    const bucket = bucketOf(services, call);
    const source = sourceOf(services, call);
    checkWrite(call.headers, index.objects.find(bucket.id, call.key));
    const isSelf = source.bucketId === bucket.id && source.object.key === call.key;
    if (isSelf && !replacesMetadata && !call.headers.has('x-amz-storage-class')) {
      throw new Refusal(
        'InvalidRequest',
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    const object: StoredObject = {
      ...source.object,
      key: call.key,
      modifiedAt: now().getTime(),
      storageClass: given.storageClass,
      ...(replacesMetadata && { headers: given.headers }),
      ...(replacesTags && { tags: given.tags }),
    };
    return { object, freed: replaceObject(services, bucket, object) };
  });
  await blobs.free(freed);
  return xmlReply('CopyObjectResult', [
    xmlElement('LastModified', new Date(object.modifiedAt).toISOString()),
    xmlElement('ETag', `"${object.etag}"`),
  ]);
};

/** `COPY` (the default) or `REPLACE`. */
function readDirective({ headers }: SignedCall, name: string): boolean {
  const value = headers.get(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value === 'REPLACE';
  throw invalidArgument(name, value, 'Unknown directive.');
}

function sourceOf(services: Services, call: SignedCall): { bucketId: number; object: StoredObject } {
  const name = 'x-amz-copy-source';
  const text = call.headers.get(name) ?? '';
  const match = /^\/?(?<bucket>[^/?]+)\/(?<key>[^?]+)$/.exec(text);
  const decoded = decodeSource(match?.groups?.['bucket'], match?.groups?.['key']);
  if (!decoded)
    throw invalidArgument(
      name,
      text,
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  const bucket = bucketOf(services, decoded);
  const object = services.index.objects.find(bucket.id, decoded.key);
  if (!object) throw new Refusal('NoSuchKey', undefined, { Key: decoded.key });
  checkSource(call.headers, object);
  return { bucketId: bucket.id, object };
}

function decodeSource(
  bucket: string | undefined,
  key: string | undefined,
): { bucket: string; key: string } | undefined {
  try {
    return bucket && key ? { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key) } : undefined;
  } catch {
    return undefined;
  }
}

/** `x-amz-copy-source-if-match` is to the source what `if-match` is to an object that is read. */
function checkSource(headers: ReadonlyMap<string, string>, object: StoredObject): void {
  const prefix = 'x-amz-copy-source-if-';
  const conditions = [...headers].flatMap(([name, value]) =>
    name.startsWith(prefix) ? [[`if-${name.slice(prefix.length)}`, value] as const] : [],
  );
  if (!checkRead(new Map(conditions), object)) throw new Refusal('PreconditionFailed');
}
