/**
 * Buffers that bodies pass through. They are used again, so that a transfer leaves no garbage behind, and lie in
 * shared memory, so that another thread can hash one while it is being written.
 *
 * Transfers take large buffers as long as the budget lasts, and small ones beyond it: memory stays bounded by the number
 * of connections, and none of them waits for another.
 */
export interface BufferPool {
  /** A buffer for up to `wantedBytes`; it may be shorter. */
  readonly take: (wantedBytes: number) => Buffer;
  /** Gives a buffer back that nothing uses any more. */
  readonly give: (buffer: Buffer) => void;
}

const largeBytes = 1024 * 1024;
const smallBytes = 128 * 1024;
/** Large buffers in use at a time. */
const maxLarge = 16;
const maxIdleSmall = 64;

export function createBufferPool(): BufferPool {
  const idleLarge: Buffer[] = [];
  const idleSmall: Buffer[] = [];
  let largeInUse = 0;

  return {
    take: (wantedBytes) => {
      if (wantedBytes > smallBytes && largeInUse < maxLarge) {
        largeInUse += 1;
        return idleLarge.pop() ?? allocate(largeBytes);
      }
      return idleSmall.pop() ?? allocate(smallBytes);
    },
    give: (buffer) => {
      if (buffer.length === largeBytes) {
        largeInUse -= 1;
        idleLarge.push(buffer);
      } else if (idleSmall.length < maxIdleSmall) {
        idleSmall.push(buffer);
      }
    },
  };
}

function allocate(sizeBytes: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(sizeBytes));
}
