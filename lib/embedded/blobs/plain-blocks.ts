import { crc32 } from '@node-rs/crc32';
import { crc32OfBlocks } from '../body/crc-combine.ts';
import { blockBytes, type BlockCoding, DamagedContent } from './block-coding.ts';

const proofBytes = 4;

/** The bytes as they are. A block's proof is its CRC-32: against a disk that forgets, not against an enemy. */
export const plainBlocks: BlockCoding = {
  proofBytes,
  encoder: () => {
    const sums: number[] = [];
    let filled = 0;
    return {
      encode: (bytes) => {
        for (let at = 0; at < bytes.length;) {
          const part = bytes.subarray(at, at + blockBytes - filled);
          sums.push(crc32(part, filled === 0 ? 0 : sums.pop()));
          filled = (filled + part.length) % blockBytes;
          at += part.length;
        }
        return bytes;
      },
      proofs: () => {
        const table = Buffer.alloc(sums.length * proofBytes);
        for (const [block, sum] of sums.entries()) table.writeUInt32LE(sum, block * proofBytes);
        return table;
      },
      crc32: () => crc32OfBlocks(sums, filled === 0 ? blockBytes : filled),
    };
  },
  decode: (blocks, _, proofs) => {
    for (let block = 0; block * blockBytes < blocks.length; block += 1) {
      const start = block * blockBytes;
      if (crc32(blocks.subarray(start, start + blockBytes)) !== proofs.readUInt32LE(block * proofBytes)) {
        throw new DamagedContent('A stored content is not what was written.');
      }
    }
  },
};
