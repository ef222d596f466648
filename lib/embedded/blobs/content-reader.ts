import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { ByteRange } from '../ranges.ts';
import type { BufferPool } from '../body/buffer-pool.ts';
import type { Services } from '../call.ts';

/** A stretch of a file to send. */
interface Stretch {
  readonly file: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

const bufferCount = 3;

/**
 * Sends a range of a content that lies in files: a loop that reads into a few buffers and uses each again as soon as
 * the connection has taken its bytes. (Streams of Node allocate for every chunk and reach a third of this.)
 *
 * @param pieces - in order
 * @param release - called once the bytes are out, or can't be sent any more
 */
export async function openContentReader(
  { blobs, intake }: Pick<Services, 'blobs' | 'intake'>,
  pieces: readonly { readonly file: string; readonly sizeBytes: number }[],
  range: ByteRange,
  release: () => void,
): Promise<(response: ServerResponse) => Promise<void>> {
  const stretches = stretchesOf(pieces, range);
  const [first, ...others] = stretches;
  try {
    // A missing file must show while the answer can still be an error.
    const handle = first && (await blobs.open(first.file));
    return async (response) => {
      const sender = createSender(response, intake.buffers, range.last - range.first + 1);
      try {
        if (first && handle) await sendStretch(handle, first, sender);
        for (const stretch of others) await sendStretch(await blobs.open(stretch.file), stretch, sender);
        await sender.flushed();
      } finally {
        sender.close();
        release();
      }
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** The stretches of files that a range lies in, in order. */
export function stretchesOf(
  pieces: readonly { readonly file: string; readonly sizeBytes: number }[],
  { first, last }: ByteRange,
): Stretch[] {
  const stretches: Stretch[] = [];
  let start = 0;
  for (const { file, sizeBytes } of pieces) {
    const offset = Math.max(first - start, 0);
    const end = Math.min(last + 1 - start, sizeBytes);
    if (offset < end) stretches.push({ file, offset, sizeBytes: end - offset });
    start += sizeBytes;
  }
  return stretches;
}

interface Sender {
  /** A buffer that the connection does not need any more. */
  readonly buffer: () => Promise<Buffer>;
  readonly send: (bytes: Buffer) => void;
  readonly flushed: () => Promise<unknown>;
  readonly close: () => void;
}

function createSender(response: ServerResponse, buffers: BufferPool, totalBytes: number): Sender {
  const slots: { buffer: Buffer; sent: Promise<void> }[] = [];
  const closed = new Promise<never>((_, reject) => {
    response.once('close', () => reject(new ConnectionClosed()));
  });
  closed.catch(() => undefined);
  let turn = -1;

  return {
    buffer: async () => {
      turn += 1;
      const slot = slots[turn % bufferCount];
      if (slot) {
        await Promise.race([slot.sent, closed]);
        return slot.buffer;
      }
      const buffer = buffers.take(totalBytes);
      slots.push({ buffer, sent: Promise.resolve() });
      return buffer;
    },
    send: (bytes) => {
      const slot = slots[turn % bufferCount];
      if (!slot) throw new Error('Bytes were sent before a buffer was taken.');
      slot.sent = new Promise((resolve, reject) => {
        response.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
      slot.sent.catch(() => undefined);
    },
    flushed: () => Promise.race([Promise.all(slots.map(({ sent }) => sent)), closed]),
    close: () => {
      for (const { buffer } of slots) buffers.give(buffer);
    },
  };
}

async function sendStretch(
  handle: FileHandle,
  { offset, sizeBytes }: Stretch,
  sender: Sender,
): Promise<void> {
  try {
    for (let done = 0; done < sizeBytes;) {
      const buffer = await sender.buffer();
      const { bytesRead } = await handle.read(
        buffer,
        0,
        Math.min(buffer.length, sizeBytes - done),
        offset + done,
      );
      if (bytesRead === 0) throw new Error('A file of the store is shorter than the index says.');
      sender.send(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** The receiver has gone. Nothing is wrong with the store. */
export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed';
}
