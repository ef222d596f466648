import type { ByteRange } from '../ranges.ts';
import { blockBytes } from './block-sums.ts';
import type { Blobs } from './blobs.ts';
import { type CheckedFile, openCheckedFile } from './checked-file.ts';

/** A stretch of a file to read. */
export interface Stretch {
  readonly file: string;
  /** Of the content in the file. */
  readonly fileBytes: number;
  /** The first byte to read, and the first one not to. */
  readonly from: number;
  readonly until: number;
}

/**
 * The stretches of files that a range lies in, in order.
 *
 * @param pieces - in order
 */
export function stretchesOf(
  pieces: readonly { readonly file: string; readonly sizeBytes: number }[],
  { first, last }: ByteRange,
): Stretch[] {
  const stretches: Stretch[] = [];
  let start = 0;
  for (const { file, sizeBytes } of pieces) {
    const from = Math.max(first - start, 0);
    const until = Math.min(last + 1 - start, sizeBytes);
    if (from < until) stretches.push({ file, fileBytes: sizeBytes, from, until });
    start += sizeBytes;
  }
  return stretches;
}

export async function openStretch(blobs: Blobs, { file, fileBytes }: Stretch): Promise<CheckedFile> {
  return openCheckedFile(await blobs.open(file), fileBytes);
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
