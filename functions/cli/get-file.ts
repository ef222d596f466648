import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Download } from '../../lib/client/download.ts';
import type { Address, Invocation } from './command.ts';
import { CommandError, exitCodes } from './failure.ts';
import { formatBytes, printable } from './format.ts';
import { memoryOf } from './memory.ts';
import { type Chunk, isFill, openPartialFile, type PartialFile } from './partial-file.ts';

/** Downloads an object in parallel ranges into a file beside the target, which takes the target's name at the end. */
export async function getFile(
  { bucket, key }: Address,
  target: string,
  parallelRanges: number,
  { client, url, output, signal }: Invocation,
): Promise<void> {
  const object = await client.object(bucket, key, { signal });
  const { sizeBytes, etag } = object;
  const identity = { url, bucket, key, target };
  const memory = memoryOf('downloads', identity, isFill, output.note);
  await using file = await openPartialFile(partialPath(identity), object, memory);
  await demandRoom(dirname(target), file.missingBytes);
  if (file.missingBytes < sizeBytes) output.note('Going on with the download that was begun before.');

  using progress = output.openProgress(printable(key), sizeBytes);
  let receivedBytes = sizeBytes - file.missingBytes;
  const onBytes = (count: number) => {
    receivedBytes += count;
    progress.update(receivedBytes);
  };
  onBytes(0);
  await fill(file, client.download({ bucket, key, etag }), { parallelRanges, onBytes, signal });
  await file.commit(target);
  output.result({ ...object, file: target });
  output.note(`${bucket}/${printable(key)} → ${target}, ${progress.summary()}`);
}

/** Better to hear it now than when the disk is full. @throws {@link CommandError} */
async function demandRoom(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes) return;
  throw new CommandError(
    exitCodes.failed,
    `${folder} has ${formatBytes(freeBytes)} free, and ${formatBytes(neededBytes)} are to come. Make room, or name another file.`,
  );
}

/** Two objects that are fetched to one target at a time must not write into one file. */
function partialPath(identity: { readonly target: string }): string {
  const mark = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 8);
  return `${identity.target}.${mark}.stowage-part`;
}

interface FillOptions {
  readonly parallelRanges: number;
  readonly onBytes: (count: number) => void;
  readonly signal: AbortSignal;
}

async function fill(
  file: PartialFile,
  download: Download,
  { parallelRanges, onBytes, signal }: FillOptions,
): Promise<void> {
  const stop = new AbortController();
  const eitherSignal = AbortSignal.any([signal, stop.signal]);
  const queue = file.missing.values();

  async function fetchChunk(chunk: Chunk): Promise<void> {
    let position = chunk.start;
    for await (const block of gather(download.read(chunk, eitherSignal))) {
      await file.write(block, position);
      position += block.length;
      onBytes(block.length);
    }
    await file.finish(chunk);
  }

  async function fetchNext(): Promise<void> {
    // The workers share the iterator, so each chunk is taken once.
    for (const chunk of queue) await fetchChunk(chunk);
  }

  const workers = Array.from({ length: parallelRanges }, () =>
    fetchNext().catch((error: unknown) => stop.abort(error)),
  );
  // The file may be closed only when nobody writes any more, so the first failure waits for the others.
  await Promise.all(workers);
  eitherSignal.throwIfAborted();
}

/** Pieces come as small as the network's packets; written one by one they would cost more than the transfer. */
const blockBytes = 2 ** 20;

async function* gather(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  for await (const piece of pieces) {
    gathered.push(piece);
    gatheredBytes += piece.length;
    if (gatheredBytes < blockBytes) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    gatheredBytes = 0;
  }
  if (gatheredBytes > 0) yield Buffer.concat(gathered);
}
