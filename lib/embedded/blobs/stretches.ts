import type { Piece } from '../index/contents.ts';
import type { ByteRange } from '../ranges.ts';
import { blockBytes } from './block-coding.ts';
import type { Blobs } from './blobs.ts';
import { type CheckedFile, openCheckedFile, type Span } from './checked-file.ts';

/** A stretch of a piece to read: from its first byte to the first one not to. */
export interface Stretch extends Span {
  readonly piece: Piece;
}

/**
 * The stretches of files that a range lies in, in order.
 *
 * @param pieces - in order
 */
export function stretchesOf(pieces: readonly Piece[], { first, last }: ByteRange): Stretch[] {
  const stretches: Stretch[] = [];
  let start = 0;
  for (const piece of pieces) {
    const { sizeBytes } = piece;
    const from = Math.max(first - start, 0);
    const until = Math.min(last + 1 - start, sizeBytes);
    if (from < until) stretches.push({ piece, from, until });
    start += sizeBytes;
  }
  return stretches;
}

export async function openStretch(blobs: Blobs, { piece, ...span }: Stretch): Promise<CheckedFile> {
  return openCheckedFile(await blobs.open(piece.file), piece, blobs.encryption, span);
}

/**
 * Reads a stretch from its file, and closes that.
 *
 * @param buffer - gives one to read into, of at least a block
 * @param take - is handed the bytes, in such a buffer
 */
export async function readStretch(
  file: CheckedFile,
  { from, until }: Stretch,
  buffer: () => Buffer | Promise<Buffer>,
  take: (bytes: Buffer) => void | Promise<void>,
): Promise<void> {
  try {
    for (let at = from; at < until;) {
      const start = at - (at % blockBytes);
      const bytes = await file.read(await buffer(), start, until);
      await take(bytes.subarray(at - start, until - start));
      at = start + bytes.length;
    }
  } finally {
    await file.close();
  }
}
