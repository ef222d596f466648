import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { HashAnswer, HashRequest } from './hash-worker.ts';
import { createHasher, type HasherName } from './hashers.ts';

/** Computes digests: of long bodies, where they take long, on other threads, beside what this one is doing. */
export interface HashPool {
  readonly open: (names: readonly HasherName[]) => DigestStream;
  readonly close: () => Promise<void>;
}

export interface DigestStream {
  /** The bytes stay as they are until the promise is settled. Batches come one after another. */
  readonly update: (batch: Buffer, isLast: boolean) => Promise<void>;
  readonly finish: () => Promise<ReadonlyMap<HasherName, Buffer>>;
  /** Lets go of what `finish` has not been called for. */
  readonly drop: () => void;
}

type Digests = ReadonlyMap<HasherName, Buffer>;

/** These take less time than to ask another thread for them. */
const lightHashers: ReadonlySet<HasherName> = new Set(['crc32', 'crc32c']);

export function createHashPool(maxThreads = Math.min(Math.max(availableParallelism() - 1, 1), 4)): HashPool {
  const threads: HashThread[] = [];

  function thread(): HashThread {
    const quietest = threads.toSorted((a, b) => a.sessions() - b.sessions())[0];
    if (quietest && (quietest.sessions() === 0 || threads.length >= maxThreads)) return quietest;
    const started = startThread(() => void threads.splice(threads.indexOf(started), 1));
    threads.push(started);
    return started;
  }

  return {
    open: (names) => {
      const light = openHere(names.filter((name) => lightHashers.has(name)));
      const heavyNames = names.filter((name) => !lightHashers.has(name));
      let heavy: DigestStream | undefined;
      return {
        update: async (batch, isLast) => {
          // A body of one batch is hashed sooner here than a thread could answer.
          heavy ??= isLast || heavyNames.length === 0 ? openHere(heavyNames) : thread().open(heavyNames);
          await Promise.all([heavy.update(batch, isLast), light.update(batch, isLast)]);
        },
        finish: async () => {
          heavy ??= openHere(heavyNames);
          return new Map([...(await light.finish()), ...(await heavy.finish())]);
        },
        drop: () => heavy?.drop(),
      };
    },
    close: async () => {
      await Promise.all(threads.map((running) => running.stop()));
    },
  };
}

function openHere(names: readonly HasherName[]): DigestStream {
  const hashers = names.map((name) => [name, createHasher(name)] as const);
  return {
    update: async (batch) => {
      for (const [, hasher] of hashers) hasher.update(batch);
    },
    finish: async () => new Map(hashers.map(([name, hasher]) => [name, hasher.digest()])),
    drop: () => undefined,
  };
}

interface HashThread {
  readonly sessions: () => number;
  readonly open: (names: readonly HasherName[]) => DigestStream;
  readonly stop: () => Promise<unknown>;
}

interface Waiter {
  readonly resolve: (answer: HashAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** @param onExit - called when the thread has ended, for whatever reason */
function startThread(onExit: () => void): HashThread {
  const worker = new Worker(new URL('./hash-worker.ts', import.meta.url));
  // An idle thread must not keep the process alive.
  worker.unref();
  const waiters = new Map<number, Waiter>();
  const open = new Set<number>();
  let lastSession = 0;

  worker.on('message', (answer: HashAnswer) => {
    const waiter = waiters.get(answer.session);
    waiters.delete(answer.session);
    waiter?.resolve(answer);
  });
  worker.on('error', (error: Error) => {
    for (const { reject } of waiters.values()) reject(error);
    waiters.clear();
  });
  worker.on('exit', () => {
    onExit();
    for (const { reject } of waiters.values()) reject(new Error('The hashing thread has ended.'));
  });

  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has none
  const post = (request: HashRequest) => worker.postMessage(request);
  const ask = (request: HashRequest) =>
    new Promise<HashAnswer>((resolve, reject) => {
      waiters.set(request.session, { resolve, reject });
      post(request);
    });

  return {
    sessions: () => open.size,
    open: (names) => {
      const session = (lastSession += 1);
      open.add(session);
      post({ kind: 'open', session, names });
      return {
        update: async (batch) => {
          await ask({ kind: 'update', session, memory: sharedMemoryOf(batch), sizeBytes: batch.length });
        },
        finish: async () => {
          open.delete(session);
          const { digests } = await ask({ kind: 'finish', session });
          return asBuffers(digests);
        },
        drop: () => {
          if (open.delete(session)) post({ kind: 'drop', session });
        },
      };
    },
    stop: () => worker.terminate(),
  };
}

/** Batches are views of the pool's buffers, from their first byte on. */
function sharedMemoryOf(batch: Buffer): SharedArrayBuffer {
  if (batch.buffer instanceof SharedArrayBuffer && batch.byteOffset === 0) return batch.buffer;
  throw new TypeError('A batch must lie at the beginning of shared memory.');
}

function asBuffers(digests: HashAnswer['digests']): Digests {
  return new Map(Array.from(digests ?? [], ([name, bytes]) => [name, Buffer.from(bytes)]));
}
