import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { Memory } from './memory.ts';

/** What is known of a file that is being filled: of which object, and which of its chunks are on disk. */
export interface Fill {
  readonly etag: string;
  readonly sizeBytes: number;
  readonly doneChunks: readonly number[];
}

/** Tells whether something remembered is a {@link Fill}. */
export function isFill(value: unknown): value is Fill {
  return (
    typeof value === 'object' &&
    value !== null &&
    'etag' in value &&
    typeof value.etag === 'string' &&
    'sizeBytes' in value &&
    typeof value.sizeBytes === 'number' &&
    'doneChunks' in value &&
    Array.isArray(value.doneChunks) &&
    value.doneChunks.every((chunk) => typeof chunk === 'number')
  );
}

/** A part of the object that is fetched and remembered as one. */
export interface Chunk {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** Small enough to fetch again, large enough to make the requests rare. */
const chunkBytes = 16 * 2 ** 20;

const saveIntervalMilliseconds = 2000;

/** A file that is filled chunk by chunk, in any order, and knows after a stop which are missing. */
export interface PartialFile extends AsyncDisposable {
  readonly missing: readonly Chunk[];
  readonly missingBytes: number;
  write(block: Uint8Array, position: number): Promise<void>;
  /** A chunk is whole. */
  finish(chunk: Chunk): Promise<void>;
  /** All chunks are: the file takes its name. */
  commit(target: string): Promise<void>;
}

/** Opens the file; what it holds counts only when it belongs to the same object. */
export async function openPartialFile(
  path: string,
  object: { readonly etag: string; readonly sizeBytes: number },
  memory: Memory<Fill>,
): Promise<PartialFile> {
  const { etag, sizeBytes } = object;
  const known = await memory.load();
  const kept =
    known?.etag === etag && known.sizeBytes === sizeBytes ? await openFilled(path, sizeBytes) : undefined;
  const file = kept ?? (await open(path, 'w'));
  await file.truncate(sizeBytes);
  const done = new Set(kept ? known?.doneChunks : []);
  const missing = chunksOf(sizeBytes).filter(({ number }) => !done.has(number));
  let savedAt = performance.now();

  /** A chunk is remembered only once it is on disk, so that a power cut cannot make a hole look filled. */
  async function save(): Promise<void> {
    savedAt = performance.now();
    const doneChunks = [...done];
    await file.datasync();
    await memory.save({ etag, sizeBytes, doneChunks });
  }

  return {
    missing,
    missingBytes: missing.reduce((sum, { start, end }) => sum + end - start, 0),
    async write(block, position) {
      // A disk that is almost full takes less than it was given, and says so only at the next write.
      for (let written = 0; written < block.length;) {
        const { bytesWritten } = await file.write(block, written, block.length - written, position + written);
        written += bytesWritten;
      }
    },
    async finish({ number }) {
      done.add(number);
      if (performance.now() - savedAt > saveIntervalMilliseconds) await save();
    },
    async commit(target) {
      await file.sync();
      await file.close();
      await rename(path, target);
      await memory.forget();
    },
    async [Symbol.asyncDispose]() {
      if (file.fd === -1) return;
      // What stopped the download is worth more words than a disk that fails to sync.
      if (done.size > 0) await save().catch(() => undefined);
      await file.close();
      if (done.size === 0) await rm(path, { force: true });
    },
  };
}

async function openFilled(path: string, sizeBytes: number): Promise<FileHandle | undefined> {
  try {
    const file = await open(path, 'r+');
    if ((await file.stat()).size === sizeBytes) return file;
    await file.close();
  } catch {
    // Gone, or not ours to write: a new one then, whose failure tells more.
  }
  return undefined;
}

function chunksOf(sizeBytes: number): Chunk[] {
  return Array.from({ length: Math.ceil(sizeBytes / chunkBytes) }, (_, index) => ({
    number: index,
    start: index * chunkBytes,
    end: Math.min((index + 1) * chunkBytes, sizeBytes),
  }));
}
