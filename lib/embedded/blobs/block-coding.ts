/**
 * How a content stands on disk: block by block, each as long as it was, and behind all of them a proof for each block
 * that it is what was written. So every range can be read, and held to its proofs, by itself.
 */
export interface BlockCoding {
  /** Bytes of each block's proof. */
  readonly proofBytes: number;
  /** Begins a content whose bytes come one after another. */
  readonly encoder: () => BlockEncoder;
  /**
   * Turns whole blocks into what they were, in their place; only the last of a content may be a short one.
   *
   * @param proofs - of these blocks
   * @throws {@link DamagedContent} where they are not what was written
   */
  readonly decode: (blocks: Buffer, firstBlock: number, proofs: Buffer) => void;
}

export interface BlockEncoder {
  /** What to write for the next bytes, as many as they are. Stays as it is until the next call. */
  readonly encode: (bytes: Buffer) => Buffer;
  /** What to write behind the last of them. */
  readonly proofs: () => Buffer;
  /** The CRC-32 of all bytes so far, where the proofs tell it. */
  readonly crc32?: () => number;
}

/** The last block of a content may be shorter. */
export const blockBytes = 128 * 1024;

/** Bytes of the proofs behind a content of this size. */
export function proofsBytes({ proofBytes }: BlockCoding, sizeBytes: number): number {
  return Math.ceil(sizeBytes / blockBytes) * proofBytes;
}

/** A short content with its proofs, as the index keeps it. */
export function encodeWhole(coding: BlockCoding, bytes: Buffer): Buffer {
  const { encode, proofs } = coding.encoder();
  return Buffer.concat([encode(bytes), proofs()]);
}

/**
 * The inverse of {@link encodeWhole}.
 *
 * @param stored - becomes the content
 * @throws {@link DamagedContent}
 */
export function decodeWhole(coding: BlockCoding, stored: Buffer): Buffer {
  const { proofBytes } = coding;
  const blocks = Math.ceil(stored.length / (blockBytes + proofBytes));
  const sizeBytes = Math.max(stored.length - blocks * proofBytes, 0);
  const bytes = stored.subarray(0, sizeBytes);
  coding.decode(bytes, 0, stored.subarray(sizeBytes));
  return bytes;
}

/** The disk has lost or changed what was stored. */
export class DamagedContent extends Error {
  override readonly name = 'DamagedContent';
}
