import { sleep, throwIfAborted } from './abort.ts';
import { ConnectionError, StorageError, StowageApiError } from './errors.ts';

/** How often and after which waits a request is tried again. */
export interface RetryPolicy {
  /** Tries in all, the first included. Default: 8, which outlasts a server that is away for half a minute. */
  readonly attempts?: number;
  /** Upper bound of the first wait; each further bound is twice the last. Default: 500. */
  readonly firstDelayMilliseconds?: number;
  /** No bound grows past this. Default: 20,000. */
  readonly longestDelayMilliseconds?: number;
}

/**
 * Tries until it succeeds, fails for good, or has used up its tries. Waits are drawn evenly from zero to the bound
 * ("full jitter"), so that many clients that lost the same server don't return at the same moment.
 *
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<T> {
  const { attempts = 8, firstDelayMilliseconds = 500, longestDelayMilliseconds = 20_000 } = policy;
  for (let count = 1; ; count += 1) {
    throwIfAborted(signal);
    try {
      return await attempt();
    } catch (error) {
      throwIfAborted(signal);
      if (count >= attempts || !isTransient(error)) throw error;
      const bound = Math.min(longestDelayMilliseconds, firstDelayMilliseconds * 2 ** (count - 1));
      await sleep(Math.max(Math.random() * bound, waitAskedFor(error)), signal);
    }
  }
}

function waitAskedFor(error: unknown): number {
  return error instanceof StowageApiError ? error.retryAfterSeconds * 1000 : 0;
}

/** S3 says 400 for the first, though another try mends them. */
const transientStorageCodes = new Set(['RequestTimeout', 'SlowDown']);

function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (error instanceof StorageError && transientStorageCodes.has(error.code)) return true;
  if (!(error instanceof StorageError) && !(error instanceof StowageApiError)) return false;
  return error.status === 408 || error.status === 429 || error.status >= 500;
}
