import { setTimeout as delay } from 'node:timers/promises';

/**
 * Does some work again and again for as long as the process runs: the first time at once, and never twice at a time.
 *
 * @param pauseSeconds - between the end of one time and the beginning of the next
 * @param onFailure - told of an error; the next time comes all the same
 * @returns stops it: resolves when the work under way is done
 */
export function repeat(
  work: () => Promise<unknown>,
  pauseSeconds: number,
  onFailure: (error: unknown) => void,
): () => Promise<void> {
  const stopped = new AbortController();
  const { signal } = stopped;
  const run = async () => {
    while (!signal.aborted) {
      await work().catch(onFailure);
      await delay(pauseSeconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = run();
  return async () => {
    stopped.abort();
    await running;
  };
}
