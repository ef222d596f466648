import { blockBytes } from '../blobs/block-coding.ts';
import type { ChecksumAlgorithm } from './checksums.ts';

/**
 * The CRC of two bodies one behind the other, from their CRCs and the second one's length: so a whole object's CRC
 * follows from those of its parts without reading a byte again.
 *
 * A CRC is the remainder of a polynomial over GF(2). A body behind it shifts it by that body's bits, which multiplies
 * it by a power of x; and the initial and final inversions cancel out.
 */

/** Reflected polynomials: the lowest bit stands for the highest power. */
const reflectedPolynomials = {
  crc32: { bits: 32n, polynomial: 0xedb88320n },
  crc32c: { bits: 32n, polynomial: 0x82f63b78n },
  crc64nvme: { bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
} as const;

type Crc = keyof typeof reflectedPolynomials;

export function isCrc(algorithm: ChecksumAlgorithm): algorithm is Crc {
  return algorithm in reflectedPolynomials;
}

/** The CRC of a whole body, in base64, from those of its parts in order. */
export function combineCrcs(
  algorithm: Crc,
  parts: readonly { readonly checksum: string; readonly sizeBytes: number }[],
): string {
  const { bits } = reflectedPolynomials[algorithm];
  // Nearly all parts of an upload have the same length.
  const shifts = new Map<number, bigint>();
  let crc = 0n;
  for (const { checksum, sizeBytes } of parts) {
    const shift = shifts.get(sizeBytes) ?? powerOfX(algorithm, BigInt(sizeBytes) * 8n);
    shifts.set(sizeBytes, shift);
    crc = multiply(algorithm, crc, shift) ^ BigInt(`0x${Buffer.from(checksum, 'base64').toString('hex')}`);
  }
  return Buffer.from(crc.toString(16).padStart(Number(bits) / 4, '0'), 'hex').toString('base64');
}

/**
 * The CRC-32 of a body that comes in blocks of one length, but for the last, from theirs. To multiply by one power of x
 * is linear: what becomes of each bit is known beforehand, so that thousands of blocks take next to no time.
 *
 * @param lastBytes - of the last block
 */
export function crc32OfBlocks(crcs: readonly number[], lastBytes: number): number {
  const crc = crcs.slice(0, -1).reduce((crc, next) => (shiftedByBlock(crc) ^ next) >>> 0, 0);
  const last = crcs.at(-1) ?? 0;
  if (crc === 0) return last;
  const shifted =
    lastBytes === blockBytes
      ? shiftedByBlock(crc)
      : Number(multiply('crc32', BigInt(crc), powerOfX('crc32', BigInt(lastBytes) * 8n)));
  return (shifted ^ last) >>> 0;
}

/** a · b modulo the polynomial. */
function multiply(algorithm: Crc, a: bigint, b: bigint): bigint {
  const { bits, polynomial } = reflectedPolynomials[algorithm];
  let product = 0n;
  let shifted = b;
  for (let mask = 1n << (bits - 1n); mask > 0n; mask >>= 1n) {
    if (a & mask) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

/** x to the n-th, by squaring. */
function powerOfX(algorithm: Crc, n: bigint): bigint {
  const { bits } = reflectedPolynomials[algorithm];
  let result = 1n << (bits - 1n);
  let square = result >> 1n;
  for (let rest = n; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(algorithm, result, square);
    square = multiply(algorithm, square, square);
  }
  return result;
}

const blockShift = powerOfX('crc32', BigInt(blockBytes) * 8n);
const bitsShiftedByBlock = Array.from({ length: 32 }, (_, bit) =>
  Number(multiply('crc32', 1n << BigInt(bit), blockShift)),
);

function shiftedByBlock(crc: number): number {
  return bitsShiftedByBlock.reduce(
    (shifted, becomes, bit) => ((crc >>> bit) & 1 ? shifted ^ becomes : shifted),
    0,
  );
}
