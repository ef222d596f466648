import type { FileHandle } from 'node:fs/promises';
import type { ByteSink } from '../body/byte-sink.ts';
import type { Blobs } from './blobs.ts';

/** What has become of a body: bytes for the index to keep, or a file on disk. */
export type WrittenBody = { readonly inline: Buffer } | { readonly file: string };

export interface ContentWriter extends ByteSink {
  readonly sizeBytes: () => number;
  /** Brings everything to disk, so that the index may refer to it. */
  readonly finish: () => Promise<WrittenBody>;
  /** Gives up, and removes the file if nothing can refer to it. */
  readonly abandon: (options: { readonly remove: boolean }) => Promise<void>;
}

/** Bodies up to this size live in the index: one sync for many of them, and no file to open. */
export const maxInlineBytes = 16 * 1024;
const batchBytes = 1024 * 1024;

export interface NewContent {
  readonly contentId: number;
  /** 1 for an object that comes in one. */
  readonly partNumber: number;
  /** Upper bound of the body's size. */
  readonly expectedBytes: number;
  /** Whether a small body may go into the index instead of a file. */
  readonly mayInline: boolean;
}

/** Writes a body in batches of 1 MiB, one being written while the next one fills. */
export function createContentWriter(
  blobs: Blobs,
  { contentId, partNumber, expectedBytes, mayInline }: NewContent,
): ContentWriter {
  const bufferBytes = Math.min(Math.max(expectedBytes, 1), batchBytes);
  let filling: Buffer = Buffer.allocUnsafeSlow(bufferBytes);
  let spare: Buffer | undefined;
  let filled = 0;
  let sizeBytes = 0;
  let target: { file: string; handle: FileHandle } | undefined;
  let writing: Promise<void> | undefined;

  async function flush(bytes: Buffer, position: number): Promise<void> {
    target ??= await blobs.create(contentId, partNumber);
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await target.handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }

  async function flushAndSpare(buffer: Buffer, position: number): Promise<void> {
    await flush(buffer, position);
    spare = buffer;
    writing = undefined;
  }

  /** Starts writing the full buffer and goes on with the other one. */
  function startFlush(): void {
    writing = flushAndSpare(filling, sizeBytes - filled);
    // Whoever waits next sees the failure; until then it must not count as unhandled.
    writing.catch(() => undefined);
    filling = spare ?? Buffer.allocUnsafeSlow(bufferBytes);
    spare = undefined;
    filled = 0;
  }

  function take(bytes: Buffer): number {
    const count = bytes.copy(filling, filled);
    filled += count;
    sizeBytes += count;
    return count;
  }

  async function writeRest(bytes: Buffer): Promise<void> {
    for (let rest = bytes; rest.length > 0; rest = rest.subarray(take(rest))) {
      await writing;
      startFlush();
    }
  }

  return {
    sizeBytes: () => sizeBytes,
    write: (bytes) => {
      for (let rest = bytes.subarray(take(bytes)); rest.length > 0; rest = rest.subarray(take(rest))) {
        if (writing) return writeRest(rest);
        startFlush();
      }
      return undefined;
    },
    finish: async () => {
      await writing;
      if (!target && mayInline && sizeBytes <= maxInlineBytes) return { inline: filling.subarray(0, filled) };
      await flush(filling.subarray(0, filled), sizeBytes - filled);
      if (!target) throw new Error('A body was flushed without a file.');
      await target.handle.datasync();
      await target.handle.close();
      await blobs.syncName(target.file);
      return { file: target.file };
    },
    abandon: async ({ remove }) => {
      await writing?.catch(() => undefined);
      if (!target) return;
      await target.handle.close().catch(() => undefined);
      if (remove) await blobs.remove([target.file]);
    },
  };
}
