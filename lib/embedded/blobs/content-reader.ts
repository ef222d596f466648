import type { ServerResponse } from 'node:http';
import type { ByteRange } from '../ranges.ts';
import type { BufferPool } from '../body/buffer-pool.ts';
import type { Services } from '../call.ts';
import type { Piece } from '../index/contents.ts';
import { openStretch, readStretch, stretchesOf } from './stretches.ts';

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
  pieces: readonly Piece[],
  range: ByteRange,
  release: () => void,
): Promise<(response: ServerResponse) => Promise<void>> {
  const stretches = stretchesOf(pieces, range);
  const [first, ...others] = stretches;
  try {
    // A missing file must show while the answer can still be an error.
    const firstFile = first && (await openStretch(blobs, first));
    return async (response) => {
      const sender = createSender(response, intake.buffers, range.last - range.first + 1);
      try {
        const { buffer, send } = sender;
        if (first && firstFile) await readStretch(firstFile, first, buffer, send);
        for (const stretch of others) {
          await readStretch(await openStretch(blobs, stretch), stretch, buffer, send);
        }
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

interface Sender {
  /** A buffer that the connection does not need any more. */
  readonly buffer: () => Promise<Buffer>;
  readonly send: (bytes: Buffer) => void;
  readonly flushed: () => Promise<unknown>;
  readonly close: () => void;
}

function createSender(response: ServerResponse, buffers: BufferPool, totalBytes: number): Sender {
  const slots: { buffer: Buffer; sent: Promise<void>; giveUp: () => void }[] = [];
  let isClosed = false;
  response.once('close', () => {
    isClosed = true;
    for (const { giveUp } of slots) giveUp();
  });
  let turn = -1;

  return {
    buffer: async () => {
      turn += 1;
      const slot = slots[turn % bufferCount];
      if (slot) {
        await slot.sent;
        return slot.buffer;
      }
      const buffer = buffers.take(totalBytes);
      slots.push({ buffer, sent: Promise.resolve(), giveUp: () => undefined });
      return buffer;
    },
    send: (bytes) => {
      const slot = slots[turn % bufferCount];
      if (!slot) throw new Error('Bytes were sent before a buffer was taken.');
      if (isClosed) throw new ConnectionClosed();
      slot.sent = new Promise((resolve, reject) => {
        slot.giveUp = () => reject(new ConnectionClosed());
        response.write(bytes, (error) => (error ? slot.giveUp() : resolve()));
      });
      slot.sent.catch(() => undefined);
    },
    flushed: () => Promise.all(slots.map(({ sent }) => sent)),
    close: () => {
      for (const { buffer } of slots) buffers.give(buffer);
    },
  };
}

/** The receiver has gone. Nothing is wrong with the store. */
export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed';
}
