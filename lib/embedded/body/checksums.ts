import { Refusal } from '../refusal.ts';

/** The algorithms of `x-amz-checksum-…`, and how many bytes each gives. */
const digestBytes = { crc32: 4, crc32c: 4, crc64nvme: 8, sha1: 20, sha256: 32 } as const;

export type ChecksumAlgorithm = keyof typeof digestBytes;

export const checksumAlgorithms: readonly ChecksumAlgorithm[] = [
  'crc32',
  'crc32c',
  'crc64nvme',
  'sha1',
  'sha256',
];

const prefix = 'x-amz-checksum-';
/** What such a header may name beside an algorithm. */
const aspects = new Set(['algorithm', 'mode', 'type']);
const known = checksumAlgorithms.map((algorithm) => algorithm.toUpperCase()).join(', ');

/**
 * Refuses the checksums that can't be verified: stored without it, an object would pass for one that was held to its
 * checksum. S3 adds algorithms, and SDKs send them.
 *
 * @param fields - headers, or the fields of a form
 * @throws {@link Refusal}
 */
export function refuseUnknownChecksums(fields: ReadonlyMap<string, string>): void {
  for (const [name, value] of fields) {
    if (name === 'x-amz-checksum-algorithm' || name === 'x-amz-sdk-checksum-algorithm') {
      readAlgorithm(name, value);
    } else if (isChecksumName(name) && !parseChecksumAlgorithm(name.slice(prefix.length))) {
      throw unknownAlgorithm('The algorithm type you specified in x-amz-checksum- header is invalid.');
    }
  }
}

/** Whether a header gives a checksum, of whatever algorithm. */
export function isChecksumName(name: string): boolean {
  return name.startsWith(prefix) && !aspects.has(name.slice(prefix.length));
}

/** @throws {@link Refusal} for a header that names an unknown algorithm */
export function readAlgorithm(name: string, value: string): ChecksumAlgorithm {
  const algorithm = parseChecksumAlgorithm(value);
  if (algorithm) return algorithm;
  throw unknownAlgorithm(`Value for ${name} header is invalid.`);
}

export function unknownAlgorithm(message: string): Refusal {
  return new Refusal('InvalidRequest', `${message} Valid algorithms: ${known}`);
}

/** The checksum that a request asks to be held to. Without a value, it comes in the trailer. */
export interface RequestedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value?: string;
}

/** @throws {@link Refusal} for more than one checksum, an unknown algorithm, or a value that can't be one */
export function readRequestedChecksum(headers: ReadonlyMap<string, string>): RequestedChecksum | undefined {
  const given = checksumAlgorithms.flatMap((algorithm) => {
    const value = headers.get(prefix + algorithm);
    return value === undefined ? [] : [{ algorithm, value: checkedValue(algorithm, value) }];
  });
  const trailer = headers.get('x-amz-trailer')?.trim().toLowerCase();
  if (given.length + (trailer === undefined ? 0 : 1) > 1) {
    throw new Refusal(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const [header] = given;
  if (header) return header;
  if (trailer !== undefined) {
    const algorithm = parseChecksumAlgorithm(trailer.replace(prefix, ''));
    if (algorithm) return { algorithm };
    throw unknownAlgorithm('The value specified in the x-amz-trailer header is not supported.');
  }
  if (headers.has('x-amz-sdk-checksum-algorithm')) {
    throw new Refusal(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  return undefined;
}

/** `CRC32`, `crc32` → `crc32` */
export function parseChecksumAlgorithm(text: string): ChecksumAlgorithm | undefined {
  return checksumAlgorithms.find((algorithm) => algorithm === text.toLowerCase());
}

/** @throws {@link Refusal} where the text is not base64 of the algorithm's length */
export function checkedValue(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === digestBytes[algorithm] && bytes.toString('base64') === value) return value;
  throw new Refusal('InvalidRequest', `Value for x-amz-checksum-${algorithm} header is invalid.`);
}
