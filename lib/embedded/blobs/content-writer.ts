import type { FileHandle } from 'node:fs/promises';
import { crc32 } from '@node-rs/crc32';
import type { BatchSink } from '../body/batches.ts';
import { placeOfPiece } from '../encryption/encryption.ts';
import type { Blobs } from './blobs.ts';

/** What has become of a body: bytes for the index to keep, or a file on disk, with its key where it is encrypted. */
export type WrittenBody = { readonly inline: Buffer } | { readonly file: string; readonly dataKey?: Buffer };

export interface ContentWriter extends BatchSink {
  readonly sizeBytes: () => number;
  /** Brings everything to disk, so that the index may refer to it. */
  readonly finish: () => Promise<WrittenBody>;
  /** Gives up, and removes the file if nothing can refer to it. */
  readonly abandon: (options: { readonly remove: boolean }) => Promise<void>;
}

/** Bodies up to this size live in the index: one sync for many of them, and no file to open. */
export const maxInlineBytes = 16 * 1024;

/** So much of a body may come before what came of it begins its way to disk. Longer stretches leave more for the end. */
const writeBackBytes = 32 * 1024 * 1024;

export interface NewContent {
  readonly contentId: number;
  /** 1 for an object that comes in one. */
  readonly partNumber: number;
  /** Whether a small body may go into the index instead of a file. */
  readonly mayInline: boolean;
}

/** Writes a body into a file or, if it is short, only keeps it for the index. */
export function createContentWriter(
  blobs: Blobs,
  { contentId, partNumber, mayInline }: NewContent,
): ContentWriter {
  let sizeBytes = 0;
  const { coding, dataKeyFor } = blobs.encryption.begin();
  const encoder = coding.encoder();
  let inline: Buffer | undefined;
  let target: { file: string; handle: FileHandle } | undefined;
  let writtenBack: Promise<unknown> = Promise.resolve();
  let writtenBackBytes = 0;

  async function append(bytes: Buffer, position: number): Promise<void> {
    target ??= await blobs.create(contentId, partNumber);
    const { handle } = target;
    for (let done = 0; done < bytes.length;) {
      const write = () => handle.write(bytes, done, bytes.length - done, position + done);
      const { bytesWritten } = await write().catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error;
        await blobs.settled();
        return write();
      });
      done += bytesWritten;
    }
    writeBack(handle, position + bytes.length);
  }

  function writeBack(handle: FileHandle, untilBytes: number): void {
    if (untilBytes < writtenBackBytes + writeBackBytes) return;
    const begun = blobs.writeBack(handle);
    if (!begun) return;
    writtenBackBytes = untilBytes;
    // Of bytes that it could not write the system tells once: who misses it here is told by no later sync.
    writtenBack = Promise.all([writtenBack, begun]);
    writtenBack.catch(() => undefined);
  }

  const { crc32: crc32OfEncoded } = encoder;

  return {
    sizeBytes: () => sizeBytes,
    crc32: crc32OfEncoded && (() => (inline ? crc32(inline) : crc32OfEncoded())),
    write: async (batch, isLast) => {
      const position = sizeBytes;
      sizeBytes += batch.length;
      if (isLast && !target && mayInline && batch.length <= maxInlineBytes) {
        inline = Buffer.from(batch);
        return;
      }
      await append(encoder.encode(batch), position);
    },
    finish: async () => {
      if (inline) return { inline };
      if (!target) throw new Error('A body was finished before its last batch.');
      await append(encoder.proofs(), sizeBytes);
      await writtenBack;
      await target.handle.datasync();
      await target.handle.close();
      await blobs.syncName(target.file);
      const { file } = target;
      const dataKey = dataKeyFor(placeOfPiece({ partNumber, file, sizeBytes }));
      return { file, ...(dataKey && { dataKey }) };
    },
    abandon: async ({ remove }) => {
      if (!target) return;
      await target.handle.close().catch(() => undefined);
      if (remove) blobs.discard([target.file]);
    },
  };
}
