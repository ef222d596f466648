import { readAttributes } from '../attributes.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { announcedBytes, receiveBody } from '../body/receive.ts';
import type { Operation } from '../call.ts';
import { checkWrite } from '../conditions.ts';
import { causeOf } from '../events.ts';
import { Refusal } from '../refusal.ts';
import { type NewObject, putVersion, versionHeader } from '../versions.ts';
import { bucketOf } from './buckets.ts';
import { checksumHeaders } from './object-headers.ts';
import { writeContent } from './write-content.ts';

/** S3's limit for a body that comes in one. */
export const maxBodyBytes = 5 * 2 ** 30;

export const putObject: Operation = async (services, call) => {
  const { index, blobs } = services;
  const { key, headers } = call;
  const attributes = readAttributes(headers);
  const requested = readRequestedChecksum(headers);
  const expectedBytes = announcedBytes(call);
  if (expectedBytes > maxBodyBytes) {
    throw new Refusal('EntityTooLarge', undefined, {
      ProposedSize: String(expectedBytes),
      MaxSizeAllowed: String(maxBodyBytes),
    });
  }
  // Checked now, so that a write that can't succeed is not sent at all, and again when it is recorded.
  checkWrite(headers, index.objects.find(bucketOf(services, call).id, key));

  const cause = causeOf(call, call.accessKeyId, 'PutObject');
  const contentId = index.contents.newId();
  const { bucket, version, freed } = await writeContent(
    services,
    { contentId, partNumber: 1, mayInline: true },
    (sink) => receiveBody(services.intake, call, sink, { md5: true, requested }),
    ({ sizeBytes, etag, checksum, receivedAt }) => {
      const bucket = bucketOf(services, call);
      checkWrite(headers, index.objects.find(bucket.id, key));
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
  await blobs.free(freed);
  return {
    status: 200,
    headers: {
      etag: `"${version.etag}"`,
      ...checksumHeaders(version.checksum),
      ...versionHeader(bucket, version),
    },
  };
};
