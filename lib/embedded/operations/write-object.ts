import type { readAttributes } from '../attributes.ts';
import { demand } from '../auth/authorize.ts';
import { markedHeaders, withRoom } from '../auth/writing.ts';
import type { BatchSink } from '../body/batches.ts';
import type { Digests } from '../body/verify.ts';
import type { Call, Rights, Services } from '../call.ts';
import { checkWrite, hasWriteConditions } from '../conditions.ts';
import type { causeOf } from '../events.ts';
import type { Bucket } from '../index/buckets.ts';
import { checkNewLock } from '../object-lock.ts';
import { type NewObject, putVersion } from '../versions.ts';
import { bucketOf } from './buckets.ts';
import { writeContent } from './write-content.ts';

/** S3's limit for a body that comes in one. */
export const maxBodyBytes = 5 * 2 ** 30;

/** An object that comes in one, by PUT or by a form. */
interface WholeObject {
  readonly key: string;
  readonly attributes: ReturnType<typeof readAttributes>;
  /** Headers, or the fields of a form, with the conditions of the write. */
  readonly conditions: ReadonlyMap<string, string>;
  readonly cause: ReturnType<typeof causeOf>;
  /** Of its writer. */
  readonly rights: Rights;
  /** At most; default: it shows when the body has come. */
  readonly expectedBytes?: number;
  /** What room is taken for; default: as many as are expected. */
  readonly mostBytes?: number;
}

/**
 * Writes an object whose body comes in one, as the bucket's current version.
 *
 * @param fill - streams the body into the sink
 * @throws {@link Refusal} for a condition that does not hold, or what the writer's rights do not allow
 */
export async function writeObject(
  services: Services,
  call: Call,
  {
    key,
    attributes: given,
    conditions,
    cause,
    rights,
    expectedBytes = 0,
    mostBytes = expectedBytes,
  }: WholeObject,
  fill: (sink: BatchSink) => Promise<Digests>,
) {
  const { index, blobs } = services;
  const attributes = { ...given, headers: markedHeaders(given.headers, rights, call.bucket) };
  // Checked now, so that a write that can't succeed is not sent at all, and again when it is recorded.
  const demandWrite = (sizeBytes: number) =>
    demand(rights, {
      action: 'write',
      bucket: call.bucket,
      key,
      sizeBytes,
      contentType: attributes.headers['content-type'] ?? '',
    });
  const checkConditions = ({ id }: Bucket) => {
    if (hasWriteConditions(conditions)) checkWrite(conditions, index.objects.find(id, key));
  };
  demandWrite(expectedBytes);
  const addressed = bucketOf(services, call);
  checkNewLock(services, addressed, given.lock);
  checkConditions(addressed);
  const contentId = index.contents.newId();
  const write = () =>
    writeContent(
      services,
      { contentId, partNumber: 1, mayInline: true },
      fill,
      ({ sizeBytes, etag, checksum, receivedAt }) => {
        const bucket = bucketOf(services, call);
        demandWrite(sizeBytes);
        checkConditions(bucket);
        const object: NewObject = {
          ...attributes,
          key,
          contentId,
          sizeBytes,
          etag,
          modifiedAt: receivedAt,
          ...(checksum && { checksum: { ...checksum, type: 'FULL_OBJECT' } }),
        };
        return { bucket, ...putVersion(services, bucket, object, cause) };
      },
    );
  const { headers } = attributes;
  const room = { bucket: call.bucket, key, sizeBytes: mostBytes, headers };
  const { bucket, version, freed } = await withRoom(rights, room, write);
  blobs.free(freed);
  return { bucket, version };
}
