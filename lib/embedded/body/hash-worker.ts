import { parentPort } from 'node:worker_threads';
import { createHasher, type HasherName } from './hashers.ts';

/** What the pool asks of this thread. Requests of a session are answered in their order. */
export type HashRequest =
  | { readonly kind: 'open'; readonly session: number; readonly names: readonly HasherName[] }
  | {
      readonly kind: 'update';
      readonly session: number;
      readonly memory: SharedArrayBuffer;
      readonly sizeBytes: number;
    }
  | { readonly kind: 'finish'; readonly session: number }
  | { readonly kind: 'drop'; readonly session: number };

/** The answer to `update` (without digests) and to `finish`. */
export interface HashAnswer {
  readonly session: number;
  readonly digests?: ReadonlyMap<HasherName, Uint8Array>;
}

const sessions = new Map<number, ReadonlyMap<HasherName, ReturnType<typeof createHasher>>>();

parentPort?.on('message', (request: HashRequest) => {
  const { session } = request;
  if (request.kind === 'open') {
    sessions.set(session, new Map(request.names.map((name) => [name, createHasher(name)])));
    return;
  }
  const hashers = sessions.get(session) ?? new Map();
  if (request.kind === 'update') {
    const bytes = new Uint8Array(request.memory, 0, request.sizeBytes);
    for (const hasher of hashers.values()) hasher.update(bytes);
    answer({ session });
    return;
  }
  sessions.delete(session);
  if (request.kind === 'drop') return;
  answer({ session, digests: new Map(Array.from(hashers, ([name, hasher]) => [name, hasher.digest()])) });
});

function answer(message: HashAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has none
  parentPort?.postMessage(message);
}
