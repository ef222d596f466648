import { randomBytes } from 'node:crypto';
import { xmlElement } from '../../storage/xml.ts';
import { readAttributes } from '../attributes.ts';
import { demand } from '../auth/authorize.ts';
import { markedHeaders } from '../auth/writing.ts';
import { type ChecksumAlgorithm, readAlgorithm } from '../body/checksums.ts';
import type { Operation } from '../call.ts';
import type { Upload } from '../index/uploads.ts';
import { abortHeaders } from '../lifecycle/announce.ts';
import { checkNewLock } from '../object-lock.ts';
import { Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { newEncryptionHeader } from '../server-side-encryption.ts';
import { bucketOf } from './buckets.ts';

export const createMultipartUpload: Operation = async (services, call) => {
  const { index, now } = services;
  const { key, bucket: bucketName } = call;
  const initiatedAt = now().getTime();
  const attributes = readAttributes(call.headers);
  const upload: Upload = {
    ...attributes,
    headers: markedHeaders(attributes.headers, call, bucketName),
    ...readChecksumChoice(call.headers),
    id: newUploadId(initiatedAt),
    key,
    contentId: index.contents.newId(),
    initiatedAt,
  };
  const contentType = upload.headers['content-type'] ?? '';
  demand(call, { action: 'write', bucket: bucketName, key, contentType });
  const bucket = await index.commit(() => {
    const bucket = bucketOf(services, call);
    checkNewLock(services, bucket, attributes.lock);
    index.uploads.add(bucket.id, upload);
    return bucket;
  });
  return xmlReply(
    'InitiateMultipartUploadResult',
    [xmlElement('Bucket', bucketName), xmlElement('Key', key), xmlElement('UploadId', upload.id)],
    {
      ...abortHeaders(services, bucket, upload),
      ...newEncryptionHeader(services),
      ...(upload.checksumAlgorithm !== undefined && {
        'x-amz-checksum-algorithm': upload.checksumAlgorithm.toUpperCase(),
        'x-amz-checksum-type': upload.checksumType ?? '',
      }),
    },
  );
};

/** Begins with the time, so that uploads of one key are listed in the order of their beginning. */
function newUploadId(initiatedAt: number): string {
  return initiatedAt.toString(16).padStart(12, '0') + randomBytes(16).toString('hex');
}

/** The types that each algorithm allows, the default first: hashes can't be combined, CRC-64 always is. */
const checksumTypes = {
  crc32: ['COMPOSITE', 'FULL_OBJECT'],
  crc32c: ['COMPOSITE', 'FULL_OBJECT'],
  crc64nvme: ['FULL_OBJECT'],
  sha1: ['COMPOSITE'],
  sha256: ['COMPOSITE'],
} as const satisfies Record<ChecksumAlgorithm, readonly string[]>;

function readChecksumChoice(
  headers: ReadonlyMap<string, string>,
): Pick<Upload, 'checksumAlgorithm' | 'checksumType'> {
  const name = 'x-amz-checksum-algorithm';
  const algorithm = headers.get(name);
  const wanted = headers.get('x-amz-checksum-type');
  if (algorithm === undefined) {
    if (wanted === undefined) return {};
    throw new Refusal(
      'InvalidRequest',
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  const checksumAlgorithm = readAlgorithm(name, algorithm);
  const types: readonly ('COMPOSITE' | 'FULL_OBJECT')[] = checksumTypes[checksumAlgorithm];
  const checksumType = wanted === undefined ? types[0] : types.find((type) => type === wanted.toUpperCase());
  if (!checksumType) {
    throw new Refusal(
      'InvalidRequest',
      `The ${wanted} checksum type cannot be used with the ${checksumAlgorithm} checksum algorithm.`,
    );
  }
  return { checksumAlgorithm, checksumType };
}
