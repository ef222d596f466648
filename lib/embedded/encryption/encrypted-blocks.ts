import { type CipherGCM, createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { blockBytes, type BlockCoding, DamagedContent } from '../blobs/block-coding.ts';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Blocks encrypted with AES-256-GCM (NIST SP 800-38D), each by itself, its tag being its proof. The nonce is the block's
 * number: it binds a block to its place, and is used once, since every content has a key of its own and is written once.
 */
export function encryptedBlocks(key: KeyObject): BlockCoding {
  return {
    proofBytes: tagBytes,
    encoder: () => {
      const tags: Buffer[] = [];
      let cipher: CipherGCM | undefined;
      let filled = 0;
      let scratch = Buffer.alloc(0);

      function endBlock(): void {
        if (!cipher) return;
        cipher.final();
        tags.push(cipher.getAuthTag());
        cipher = undefined;
        filled = 0;
      }

      return {
        encode: (bytes) => {
          // The bytes themselves stay: others are still hashing them.
          if (scratch.length < bytes.length) scratch = Buffer.allocUnsafeSlow(bytes.length);
          for (let at = 0; at < bytes.length;) {
            const part = bytes.subarray(at, at + blockBytes - filled);
            cipher ??= createCipheriv(algorithm, key, nonceOf(tags.length));
            cipher.update(part).copy(scratch, at);
            at += part.length;
            filled += part.length;
            if (filled === blockBytes) endBlock();
          }
          return scratch.subarray(0, bytes.length);
        },
        proofs: () => {
          endBlock();
          return Buffer.concat(tags);
        },
      };
    },
    decode: (blocks, firstBlock, tags) => {
      for (let block = 0; block * blockBytes < blocks.length; block += 1) {
        const start = block * blockBytes;
        const decipher = createDecipheriv(algorithm, key, nonceOf(firstBlock + block), {
          authTagLength: tagBytes,
        });
        try {
          decipher.setAuthTag(tags.subarray(block * tagBytes, (block + 1) * tagBytes));
          const opened = decipher.update(blocks.subarray(start, start + blockBytes));
          decipher.final();
          opened.copy(blocks, start);
        } catch (error) {
          throw new DamagedContent('A stored content is not what was encrypted.', { cause: error });
        }
      }
    },
  };
}

function nonceOf(block: number): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUInt32BE(block, nonceBytes - 4);
  return nonce;
}
