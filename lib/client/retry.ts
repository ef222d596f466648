import { sleep, throwIfAborted } from './abort.ts';
import { ConnectionError, StorageError, StowageApiError } from './errors.ts';

/** How often and after which waits a request is tried again. */
export interface RetryPolicy {
  /** Tries in all, the first included. Default: 10 in transfers, which outlasts a server that is away for half a minute; else 4. */
  readonly attempts?: number;
  /** Upper bound of the first wait; each further bound is twice the last. Default: 500. */
  readonly firstDelayMilliseconds?: number;
  /** No bound grows past this. Default: 20,000. */
  readonly longestDelayMilliseconds?: number;
  /** Told before each wait. */
  readonly onRetry?: (error: unknown, delayMilliseconds: number) => void;
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
  const { attempts = 10, firstDelayMilliseconds = 500, longestDelayMilliseconds = 20_000 } = policy;
  for (let count = 1; ; count += 1) {
    throwIfAborted(signal);
    try {
      return await attempt();
    } catch (error) {
      throwIfAborted(signal);
      if (count >= attempts || !isTransient(error)) throw error;
      const bound = Math.min(longestDelayMilliseconds, firstDelayMilliseconds * 2 ** (count - 1));
      const delay = Math.max(Math.random() * bound, waitAskedFor(error));
      policy.onRetry?.(error, delay);
      await sleep(delay, signal);
    }
  }
}

/**
 * {@link withRetries} for a request with a signed URL. A refusal that a fresh signature may mend (the URL is past its
 * time, or the credentials that signed it are) is answered once with a fresh one.
 *
 * @param discard - drops the refused URL, so that the next attempt signs again
 */
export async function withFreshSignature<T>(
  attempt: () => Promise<T>,
  discard: () => void,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await withRetries(attempt, policy, signal);
  } catch (error) {
    if (!isSignatureRefusal(error)) throw error;
    discard();
    return withRetries(attempt, policy, signal);
  }
}

/** What S3 says when a URL's credentials have expired before the URL itself. It is a 400. */
const expiredCredentialCodes = new Set(['ExpiredToken', 'TokenRefreshRequired']);

function isSignatureRefusal(error: unknown): boolean {
  return error instanceof StorageError && (error.status === 403 || expiredCredentialCodes.has(error.code));
}

function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  // S3 says 400 when a body came too slowly.
  if (error instanceof StorageError && error.code === 'RequestTimeout') return true;
  if (!(error instanceof StorageError) && !(error instanceof StowageApiError)) return false;
  return error.status === 408 || error.status === 429 || error.status >= 500;
}

function waitAskedFor(error: unknown): number {
  return error instanceof StowageApiError ? error.retryAfterSeconds * 1000 : 0;
}
