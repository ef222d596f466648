import type { BufferPool } from './buffer-pool.ts';
import type { ByteSink } from './byte-sink.ts';

/** Takes a body in large pieces. */
export interface BatchSink {
  /**
   * The bytes stay as they are until the promise is settled. There is always a last batch, which may be empty.
   *
   * @param isLast - whether the body ends with this batch
   */
  readonly write: (batch: Buffer, isLast: boolean) => Promise<void>;
  /** The CRC-32 of all that was written, where the sink has computed it for itself. */
  readonly crc32?: (() => number) | undefined;
}

/** Collects bytes into batches. One batch is on its way while the next one fills. */
export interface Batcher extends ByteSink {
  /** Hands on the last batch. Resolves when every one has been taken. */
  readonly end: () => Promise<void>;
  /** Gives the buffers back, once nothing uses them any more. */
  readonly close: () => Promise<void>;
}

/** @param expectedBytes - upper bound of the body's size */
export function createBatcher(sink: BatchSink, buffers: BufferPool, expectedBytes: number): Batcher {
  let leftBytes = expectedBytes;
  let filling = buffers.take(leftBytes);
  let filled = 0;
  let underWay: Promise<void> | undefined;
  let isClosed = false;

  async function handOver(buffer: Buffer, sizeBytes: number, isLast: boolean): Promise<void> {
    try {
      await sink.write(buffer.subarray(0, sizeBytes), isLast);
      underWay = undefined;
    } finally {
      buffers.give(buffer);
    }
  }

  function start(): void {
    underWay = handOver(filling, filled, false);
    // Whoever waits next sees the failure; until then it must not count as unhandled.
    underWay.catch(() => undefined);
    leftBytes -= filled;
    filling = buffers.take(leftBytes);
    filled = 0;
  }

  function take(bytes: Buffer): number {
    const count = Math.min(bytes.length, filling.length - filled);
    // Unlike `copy` and `set`, which go word by word where memory is shared, `fill` with bytes copies at full speed.
    if (count > 0) filling.fill(bytes.subarray(0, count), filled, filled + count);
    filled += count;
    return count;
  }

  async function writeRest(bytes: Buffer): Promise<void> {
    for (let rest = bytes; rest.length > 0; rest = rest.subarray(take(rest))) {
      await underWay;
      start();
    }
  }

  return {
    write: (bytes) => {
      for (let rest = bytes.subarray(take(bytes)); rest.length > 0; rest = rest.subarray(take(rest))) {
        if (underWay) return writeRest(rest);
        start();
      }
      return undefined;
    },
    end: async () => {
      await underWay;
      isClosed = true;
      await handOver(filling, filled, true);
    },
    close: async () => {
      await underWay?.catch(() => undefined);
      if (!isClosed) buffers.give(filling);
      isClosed = true;
    },
  };
}
