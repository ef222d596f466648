import { allowsType, type Refusal } from '../access/grants.ts';
import type { BucketRules } from '../config/schema.ts';
import type { UploadCommand } from './schema.ts';

/**
 * Is this upload sane for this bucket, and how should its bytes travel? Pure: a command and rules in, a plan or the
 * rule that refuses out. Whether the caller may write there at all is `access`.
 */

export type UploadPlan =
  | { readonly method: 'put' | 'form' }
  | { readonly method: 'multipart'; readonly partSizeBytes: number; readonly partCount: number };

const mebibyte = 2 ** 20;

/** S3's most for one request. */
const maxSingleRequestBytes = 5 * 2 ** 30;

/** Up to here one request is simplest; above, a lost connection should not cost everything. */
const autoPutBytes = 16 * mebibyte;

/** Small enough to send again after a lost connection, and enough for 156 GiB before parts must grow. */
const preferredPartBytes = 16 * mebibyte;

const maxPartCount = 10_000;

export function decideUpload(command: UploadCommand, rules: BucketRules): UploadPlan | Refusal {
  const { sizeBytes, contentType, checksum } = command;
  if (sizeBytes > rules.maxObjectBytes) {
    return refuse('object_too_large', `The bucket takes objects of at most ${rules.maxObjectBytes} bytes.`);
  }
  if (!allowsType(rules.contentTypes, contentType)) {
    return refuse(
      'content_type_not_allowed',
      `The bucket takes ${rules.contentTypes.join(', ')}, not ${contentType}.`,
    );
  }
  const method = command.method === 'auto' ? chooseMethod(command) : command.method;
  if (method === 'form' && command.ifNoneMatch) {
    return refuse('invalid_request', 'S3 takes no If-None-Match in a form; use method "put".');
  }
  if (method === 'form' && checksum?.algorithm === 'md5') {
    return refuse('checksum_not_supported', 'S3 takes no MD5 in a form; use sha256 or a CRC.');
  }
  if (method !== 'multipart') {
    return sizeBytes <= maxSingleRequestBytes
      ? { method }
      : refuse(
          'object_too_large',
          `One request carries at most ${maxSingleRequestBytes} bytes; use method "multipart".`,
        );
  }
  if (sizeBytes === 0) return refuse('invalid_request', 'An empty object has no parts; use method "put".');
  if (checksum && checksum.algorithm !== 'crc64nvme') {
    return refuse(
      'checksum_not_supported',
      `Of a whole multipart object S3 verifies crc64nvme, not ${checksum.algorithm}, without a checksum on every part.`,
    );
  }
  return { method, ...divide(sizeBytes) };
}

/** The numbers of parts and their exact sizes. */
export function partSizeBytesOf(
  partNumber: number,
  { sizeBytes, partSizeBytes, partCount }: { sizeBytes: number; partSizeBytes: number; partCount: number },
): number {
  return partNumber < partCount ? partSizeBytes : sizeBytes - partSizeBytes * (partCount - 1);
}

/** A checksum that only a single request can prove wins over resuming, as long as one request can carry the object. */
function chooseMethod({ sizeBytes, checksum }: UploadCommand): 'put' | 'multipart' {
  const needsSingleRequest = checksum !== undefined && checksum.algorithm !== 'crc64nvme';
  return sizeBytes <= (needsSingleRequest ? maxSingleRequestBytes : autoPutBytes) ? 'put' : 'multipart';
}

function divide(sizeBytes: number): { partSizeBytes: number; partCount: number } {
  const smallestPart = Math.ceil(sizeBytes / maxPartCount / mebibyte) * mebibyte;
  const partSizeBytes = Math.max(preferredPartBytes, smallestPart);
  return { partSizeBytes, partCount: Math.ceil(sizeBytes / partSizeBytes) };
}

function refuse(code: Refusal['code'], detail: string): Refusal {
  return { code, detail };
}
