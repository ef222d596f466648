import { abortReason, throwIfAborted } from './abort.ts';
import { ConnectionError } from './errors.ts';

/** Bytes on their way to storage, as a signed URL wants them. */
export interface BodyRequest {
  readonly url: string;
  /** The exact headers that were signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Blob;
  /** Called with the bytes of this body that have left so far. */
  readonly onProgress: (sentBytes: number) => void;
  readonly signal: AbortSignal;
}

/** What storage answered. */
export interface BodyAnswer {
  readonly status: number;
  /** Empty, or S3's error document. */
  readonly text: string;
}

/**
 * PUTs a body. Answers with any status; throws a {@link ConnectionError} when no answer came, the signal's reason when
 * it fired, and anything else when the source can't be read.
 */
export type SendBody = (request: BodyRequest) => Promise<BodyAnswer>;

/** Browsers and `fetch` set these themselves and refuse (or complain) when a script does. */
const headersOfTheSender = new Set(['content-length', 'host']);

function settableHeaders(headers: Readonly<Record<string, string>>): [name: string, value: string][] {
  return Object.entries(headers).filter(([name]) => !headersOfTheSender.has(name.toLowerCase()));
}

/** Through `fetch`, which tells nothing of its progress: it jumps at the end of each body. */
export function fetchSender(fetchFunction: typeof fetch): SendBody {
  return async ({ url, headers, body, onProgress, signal }) => {
    try {
      const response = await fetchFunction(url, {
        method: 'PUT',
        headers: settableHeaders(headers),
        body,
        signal,
      });
      const text = await response.text();
      onProgress(body.size);
      return { status: response.status, text };
    } catch (error) {
      throwIfAborted(signal);
      throw new ConnectionError('storage did not answer', { cause: error });
    }
  };
}

/** A body that makes no step for this long has lost its connection, whatever the browser believes. */
const silenceMilliseconds = 60_000;

/** Through `XMLHttpRequest`: in browsers and React Native the only way to see an upload's progress. */
export const xhrSender: SendBody = ({ url, headers, body, onProgress, signal }) =>
  new Promise((resolve, reject) => {
    throwIfAborted(signal);
    const request = new XMLHttpRequest();
    let watchdog: ReturnType<typeof setTimeout> | undefined;

    const lose = () => end(() => reject(new ConnectionError('the connection to storage was lost')));
    const stop = () => end(() => reject(abortReason(signal)));
    function watch() {
      clearTimeout(watchdog);
      watchdog = setTimeout(lose, silenceMilliseconds);
    }
    function end(settle: () => void) {
      clearTimeout(watchdog);
      signal.removeEventListener('abort', stop);
      settle();
      request.abort();
    }

    request.open('PUT', url);
    for (const [name, value] of settableHeaders(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded }) => {
      watch();
      onProgress(loaded);
    });
    request.addEventListener('load', () =>
      end(() => resolve({ status: request.status, text: request.responseText })),
    );
    request.addEventListener('error', lose);
    signal.addEventListener('abort', stop);
    watch();
    request.send(body);
  });
