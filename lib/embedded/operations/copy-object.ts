import { UnsettledChange } from '../../sqlite/group-commit.ts';
import { xmlElement } from '../../storage/xml.ts';
import { readAttributes } from '../attributes.ts';
import type { Operation, Services, SignedCall } from '../call.ts';
import { demand } from '../auth/authorize.ts';
import { markedHeaders, withRoom } from '../auth/writing.ts';
import { rewriteContent } from '../blobs/rewrite-content.ts';
import { checkWrite } from '../conditions.ts';
import { causeOf } from '../events.ts';
import type { StoredObject } from '../index/objects.ts';
import { expirationHeader } from '../lifecycle/announce.ts';
import { checkNewLock } from '../object-lock.ts';
import { invalidArgument, Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { encryptionHeader, mustEncryptCopy } from '../server-side-encryption.ts';
import { type NewObject, putVersion, versionHeader } from '../versions.ts';
import { bucketOf } from './buckets.ts';
import { checksumElements } from './checksum-elements.ts';
import { newChecksumOfCopy } from './copy-checksum.ts';
import { type CopySource, copySourceOf, copySourceVersionHeader } from './copy-source.ts';

const redirectName = 'x-amz-website-redirect-location';

/**
 * A copy shares the content of its source, whatever its size; unless that is older than the store's encryption, as a
 * copy is encrypted like all that is new.
 */
export const copyObject: Operation = async (services, call) => {
  const { index, blobs, now } = services;
  const replacesMetadata = readDirective(call, 'x-amz-metadata-directive');
  const replacesTags = readDirective(call, 'x-amz-tagging-directive');
  const given = readAttributes(call.headers);
  checkNewLock(services, bucketOf(services, call), given.lock);
  const cause = causeOf(call, call.accessKeyId, 'CopyObject');
  const find = () => {
    const source = copySourceOf(services, call);
    checkCopy(services, call, source, replacesMetadata);
    return source;
  };
  const first = find();
  const { sizeBytes } = first.object;
  const checksum = await newChecksumOfCopy(services, call, first.object);
  const rewritten = mustEncryptCopy(services, first.object.contentId)
    ? await rewriteContent(services, first.object.contentId)
    : undefined;
  const headersOf = ({ object }: CopySource) =>
    markedHeaders(replacesMetadata ? given.headers : keptHeaders(object, given.headers), call, call.bucket);
  const commit = () =>
    index.commit(() => {
      // What has been written once more is the source as it was then.
      const source = rewritten ? first : find();
      const isOther = source.object.contentId !== first.object.contentId;
      if (isOther && (checksum || (call.takeRoom && source.object.sizeBytes > sizeBytes))) {
        throw new Refusal('ServiceUnavailable', 'The source has been replaced meanwhile. Please try again.');
      }
      const headers = headersOf(source);
      const bucket = bucketOf(services, call);
      checkWrite(call.headers, index.objects.find(bucket.id, call.key));
      demand(call, {
        action: 'write',
        bucket: bucket.name,
        key: call.key,
        sizeBytes: source.object.sizeBytes,
        contentType: headers['content-type'] ?? '',
      });
      rewritten?.record();
      const { lock: _, restore: __, uploadId, ...copy } = source.object;
      const object: NewObject = {
        ...copy,
        ...(rewritten && { contentId: rewritten.contentId }),
        ...(given.lock && { lock: given.lock }),
        // The parts have no checksum of another algorithm, so a copy that has one comes in one.
        ...(checksum ? { checksum } : uploadId !== undefined && { uploadId }),
        key: call.key,
        modifiedAt: now().getTime(),
        storageClass: given.storageClass,
        headers,
        ...(replacesTags && { tags: given.tags }),
      };
      return { bucket, source, ...putVersion(services, bucket, object, cause) };
    });
  const room = { bucket: call.bucket, key: call.key, sizeBytes, headers: headersOf(first) };
  const copied = withRoom(call, room, commit);
  const { bucket, source, version, freed } = await copied.catch((error: unknown) => {
    // Where the index may refer to the files, they stay: if they are orphans, the next start collects them.
    if (!(error instanceof UnsettledChange)) rewritten?.drop();
    throw error;
  });
  blobs.free(freed);
  return xmlReply(
    'CopyObjectResult',
    [
      xmlElement('LastModified', new Date(version.modifiedAt).toISOString()),
      xmlElement('ETag', `"${version.etag}"`),
      ...checksumElements(version.checksum),
    ],
    {
      ...versionHeader(bucket, version),
      ...copySourceVersionHeader(source),
      ...expirationHeader(services, bucket, version),
      ...encryptionHeader(services, version.contentId),
    },
  );
};

/** @throws {@link Refusal} for a copy of an object to itself that changes nothing */
function checkCopy(
  services: Services,
  { bucket, key, headers }: SignedCall,
  source: CopySource,
  replacesMetadata: boolean,
): void {
  const { id } = bucketOf(services, { bucket });
  const isSelf = source.bucket.id === id && source.object.key === key && source.versionId === undefined;
  const changes =
    replacesMetadata ||
    [redirectName, 'x-amz-storage-class', 'x-amz-server-side-encryption'].some((name) => headers.has(name));
  if (!isSelf || changes) return;
  throw new Refusal(
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

/** A copy leaves out where the source redirects to. */
function keptHeaders(
  source: StoredObject,
  { [redirectName]: redirect }: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { [redirectName]: _, ...headers } = source.headers;
  return redirect === undefined ? headers : { ...headers, [redirectName]: redirect };
}

/** `COPY` (the default) or `REPLACE`. */
function readDirective({ headers }: SignedCall, name: string): boolean {
  const value = headers.get(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value === 'REPLACE';
  throw invalidArgument(name, value, 'Unknown directive.');
}
