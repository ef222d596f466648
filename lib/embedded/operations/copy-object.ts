import { xmlElement } from '../../storage/xml.ts';
import { readAttributes } from '../attributes.ts';
import type { Operation, SignedCall } from '../call.ts';
import { checkWrite } from '../conditions.ts';
import { causeOf } from '../events.ts';
import { expirationHeader } from '../lifecycle/announce.ts';
import { invalidArgument, Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { type NewObject, putVersion, versionHeader } from '../versions.ts';
import { bucketOf } from './buckets.ts';
import { copySourceOf, copySourceVersionHeader } from './copy-source.ts';

/** A copy shares the content of its source, whatever its size. */
export const copyObject: Operation = async (services, call) => {
  const { index, blobs, now } = services;
  const replacesMetadata = readDirective(call, 'x-amz-metadata-directive');
  const replacesTags = readDirective(call, 'x-amz-tagging-directive');
  const given = readAttributes(call.headers);
  const cause = causeOf(call, call.accessKeyId, 'CopyObject');
  const { bucket, source, version, freed } = await index.commit(() => {
    const bucket = bucketOf(services, call);
    const source = copySourceOf(services, call);
    checkWrite(call.headers, index.objects.find(bucket.id, call.key));
    const isSelf =
      source.bucket.id === bucket.id && source.object.key === call.key && source.versionId === undefined;
    if (isSelf && !replacesMetadata && !call.headers.has('x-amz-storage-class')) {
      throw new Refusal(
        'InvalidRequest',
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    const { lock: _, restore: __, ...described } = source.object;
    const object: NewObject = {
      ...described,
      ...(given.lock && { lock: given.lock }),
      key: call.key,
      modifiedAt: now().getTime(),
      storageClass: given.storageClass,
      ...(replacesMetadata && { headers: given.headers }),
      ...(replacesTags && { tags: given.tags }),
    };
    return { bucket, source, ...putVersion(services, bucket, object, cause) };
  });
  await blobs.free(freed);
  return xmlReply(
    'CopyObjectResult',
    [
      xmlElement('LastModified', new Date(version.modifiedAt).toISOString()),
      xmlElement('ETag', `"${version.etag}"`),
    ],
    {
      ...versionHeader(bucket, version),
      ...copySourceVersionHeader(source),
      ...expirationHeader(services, bucket, version),
    },
  );
};

/** `COPY` (the default) or `REPLACE`. */
function readDirective({ headers }: SignedCall, name: string): boolean {
  const value = headers.get(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value === 'REPLACE';
  throw invalidArgument(name, value, 'Unknown directive.');
}
