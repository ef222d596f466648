import type { Api } from './api.ts';
import type { SignedDownload } from './contract.ts';
import { ConnectionError, StorageError } from './errors.ts';
import { signDownload } from './objects.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { type RetryPolicy, withFreshSignature } from './retry.ts';

export interface DownloadSource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
  /** With it, storage refuses (412) as soon as the key holds another object, so that ranges never mix two. */
  readonly etag?: string;
}

/** From `start` up to, but not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** An object whose bytes can be read in any number of ranges, also at a time. */
export interface Download {
  /**
   * The bytes of a range, in pieces as they arrive. When the connection breaks, the reading goes on behind the last
   * byte that came; when the URL expires, another is signed.
   *
   * @throws {@link StorageError} when storage refuses for good, {@link ConnectionError} when it stays away
   */
  read(range: ByteRange, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>;
}

/** What a download works with. */
export interface DownloadTools {
  readonly api: Api;
  readonly fetch: typeof fetch;
  readonly retry: RetryPolicy;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** Storage looks at the clock when a request begins; this covers the way there. */
const marginMilliseconds = 10_000;

export function openDownload({ api, fetch, retry }: DownloadTools, source: DownloadSource): Download {
  const { bucket, key, versionId, etag } = source;
  const inTurn = oneAtATime();
  let signed: SignedDownload | undefined;

  async function sign(signal: AbortSignal | undefined): Promise<string> {
    if (!signed || Date.parse(signed.expiresAt) - api.now() < marginMilliseconds) {
      const item = { bucket, key, ...(versionId !== undefined && { versionId }) };
      signed = await signDownload(api, item, { ...(signal && { signal }) });
    }
    return signed.url;
  }

  const discard = () => {
    signed = undefined;
  };

  async function open({ start, end }: ByteRange, signal: AbortSignal | undefined): Promise<Reader> {
    const url = await inTurn(() => sign(signal));
    const headers: Record<string, string> = { range: `bytes=${start}-${end - 1}` };
    if (etag !== undefined) headers['if-match'] = `"${etag}"`;
    const response = await fetch(url, { headers, ...(signal && { signal }) }).catch((error: unknown) => {
      throw new ConnectionError('storage did not answer', { cause: error });
    });
    if (response.status === 206 && response.body) return response.body.getReader();
    throw new StorageError(response.status, response.ok ? '' : await response.text());
  }

  return {
    async *read({ start, end }, signal) {
      let position = start;
      let reader: Reader | undefined;
      const next = async () => {
        reader ??= await open({ start: position, end }, signal);
        let cause: unknown;
        try {
          const { value } = await reader.read();
          if (value) return value;
        } catch (error) {
          cause = error;
        }
        reader = undefined;
        throw new ConnectionError('the connection to storage was lost', { cause });
      };
      try {
        while (position < end) {
          const piece = await withFreshSignature(next, discard, retry, signal);
          position += piece.length;
          yield piece;
        }
      } finally {
        await reader?.cancel().catch(() => undefined);
      }
    },
  };
}
