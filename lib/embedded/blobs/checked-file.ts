import type { FileHandle } from 'node:fs/promises';
import { type Encryption, placeOfPiece } from '../encryption/encryption.ts';
import type { Piece } from '../index/contents.ts';
import { blockBytes, DamagedContent, proofsBytes } from './block-coding.ts';

/** A stored file that hands out no byte without having checked it. */
export interface CheckedFile {
  /**
   * Reads whole blocks, from the beginning of one.
   *
   * @param buffer - bounds how many at a time; holds at least one
   * @param until - the bytes from here on are not asked for
   * @throws {@link DamagedContent}
   */
  readonly read: (buffer: Buffer, position: number, until: number) => Promise<Buffer>;
  readonly close: () => Promise<void>;
}

/** The bytes of a piece that are to be read. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/**
 * Takes over the open file of a piece.
 *
 * @param span - what is read lies within
 * @throws {@link DamagedContent} where the file's size is another, or its key not its own
 */
export async function openCheckedFile(
  handle: FileHandle,
  piece: Piece,
  encryption: Encryption,
  { from, until }: Span,
): Promise<CheckedFile> {
  const { sizeBytes } = piece;
  try {
    const coding = encryption.codingOf(placeOfPiece(piece), piece.dataKey);
    const { size } = await handle.stat();
    if (size !== sizeBytes + proofsBytes(coding, sizeBytes)) {
      throw new DamagedContent('A stored file has another size than the index says.');
    }
    const proofsAt = (block: number) => block * coding.proofBytes;
    const firstBlock = Math.floor(from / blockBytes);
    const proofs = Buffer.allocUnsafe(proofsAt(Math.ceil(until / blockBytes) - firstBlock));
    await fill(handle, proofs, sizeBytes + proofsAt(firstBlock));
    return {
      read: async (buffer, position, until) => {
        const room = Math.floor(buffer.length / blockBytes);
        const blocks = Math.min(room, Math.ceil((until - position) / blockBytes));
        const bytes = buffer.subarray(0, Math.min(blocks * blockBytes, sizeBytes - position));
        await fill(handle, bytes, position);
        const block = position / blockBytes;
        coding.decode(bytes, block, proofs.subarray(proofsAt(block - firstBlock)));
        return bytes;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function fill(handle: FileHandle, buffer: Buffer, position: number): Promise<void> {
  for (let done = 0; done < buffer.length;) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) throw new DamagedContent('A stored file ends too early.');
    done += bytesRead;
  }
}
