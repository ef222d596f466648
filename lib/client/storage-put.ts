import { StorageError } from './errors.ts';
import { type RetryPolicy, withRetries } from './retry.ts';
import type { SendBody } from './send-body.ts';

/** A signed PUT: where to, and with which headers. */
export interface SignedPut {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StoragePut {
  readonly body: Blob;
  /** Gives a URL that is still good; asked before each try. */
  readonly sign: () => Promise<SignedPut>;
  /** Storage refused the last URL: {@link StoragePut.sign} must give another. */
  readonly discard: () => void;
  readonly onProgress: (sentBytes: number) => void;
  readonly signal: AbortSignal;
}

/** What S3 says when the credentials behind a URL have expired before the URL. It is a 400. */
const expiredCodes = new Set(['ExpiredToken', 'TokenRefreshRequired']);

/**
 * Puts one body into storage, with retries. A refusal that a fresh signature may mend (a URL past its time, or whose
 * signing credentials are) is answered once in a row with a fresh one.
 *
 * @throws {@link StorageError} when storage refuses for good
 */
export async function putIntoStorage(put: StoragePut, send: SendBody, retry: RetryPolicy): Promise<void> {
  try {
    await withRetries(() => attempt(put, send), retry, put.signal);
  } catch (error) {
    if (!isSignatureRefusal(error)) throw error;
    put.discard();
    await withRetries(() => attempt(put, send), retry, put.signal);
  }
}

async function attempt({ body, sign, onProgress, signal }: StoragePut, send: SendBody): Promise<void> {
  onProgress(0);
  const { url, headers } = await sign();
  const { status, text } = await send({ url, headers, body, onProgress, signal });
  if (status < 200 || status > 299) throw new StorageError(status, text);
  onProgress(body.size);
}

function isSignatureRefusal(error: unknown): boolean {
  return error instanceof StorageError && (error.status === 403 || expiredCodes.has(error.code));
}
