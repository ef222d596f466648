import { crc32 } from '@node-rs/crc32';

/**
 * Behind the bytes of every content stands a CRC-32 for each block of them, so that no read, of whatever range, hands
 * out bytes that the disk has changed. The last block may be shorter than the others.
 */
export const blockBytes = 128 * 1024;
const sumBytes = 4;

/** Computes the sums of a content whose bytes come one after another. */
export interface BlockSums {
  readonly update: (bytes: Buffer) => void;
  /** What to write behind the bytes. */
  readonly table: () => Buffer;
}

export function createBlockSums(): BlockSums {
  const sums: number[] = [];
  let filled = 0;
  return {
    update: (bytes) => {
      for (let at = 0; at < bytes.length;) {
        const part = bytes.subarray(at, at + blockBytes - filled);
        sums.push(crc32(part, filled === 0 ? 0 : sums.pop()));
        filled = (filled + part.length) % blockBytes;
        at += part.length;
      }
    },
    table: () => {
      const table = Buffer.alloc(sums.length * sumBytes);
      for (const [block, sum] of sums.entries()) table.writeUInt32LE(sum, block * sumBytes);
      return table;
    },
  };
}

/** Bytes of the table that stands behind a content of this size. */
export function tableBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / blockBytes) * sumBytes;
}

/**
 * Holds whole blocks to their sums; only the last may be a short one.
 *
 * @param table - the sums of these blocks
 * @throws {@link DamagedContent}
 */
export function checkBlocks(bytes: Buffer, table: Buffer): void {
  for (let block = 0; block * blockBytes < bytes.length; block += 1) {
    const start = block * blockBytes;
    if (crc32(bytes.subarray(start, start + blockBytes)) !== table.readUInt32LE(block * sumBytes)) {
      throw new DamagedContent('A stored content is not what was written.');
    }
  }
}

/** The bytes of a short content with their sums, as the index keeps them. */
export function withSums(bytes: Buffer): Buffer {
  const sums = createBlockSums();
  sums.update(bytes);
  return Buffer.concat([bytes, sums.table()]);
}

/**
 * The inverse of {@link withSums}.
 *
 * @throws {@link DamagedContent}
 */
export function withoutSums(stored: Buffer): Buffer {
  const sizeBytes = Math.max(
    stored.length - Math.ceil(stored.length / (blockBytes + sumBytes)) * sumBytes,
    0,
  );
  const bytes = stored.subarray(0, sizeBytes);
  checkBlocks(bytes, stored.subarray(sizeBytes));
  return bytes;
}

/** The disk has lost or changed what was stored. */
export class DamagedContent extends Error {
  override readonly name = 'DamagedContent';
}
