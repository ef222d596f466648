import type { Api } from './api.ts';
import type { Checksum } from './contract.ts';
import { StorageError } from './errors.ts';
import type { Progress } from './progress.ts';
import { type RetryPolicy, withFreshSignature } from './retry.ts';
import type { SendBody } from './send-body.ts';

export interface UploadOptions {
  readonly bucket: string;
  readonly key: string;
  /** Default: the type of the source. */
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** Storage refuses the bytes when they don't fit. */
  readonly checksum?: Checksum;
  /** `*`: refuse when an object of this key is there already. */
  readonly ifNoneMatch?: '*';
  /** Parts on their way at a time. Default: 4. */
  readonly parallelParts?: number;
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Told before the first byte leaves, and waited for: all that is needed to go on later, from here or from another
   * device.
   */
  readonly onUploadId?: (uploadId: string) => void | Promise<void>;
  /** Stops everything at once; what storage has received stays, so the upload can go on later. */
  readonly signal?: AbortSignal;
  /** Goes on with the upload of this id: only the parts that storage lacks are sent. */
  readonly resume?: string;
}

/** What an upload works with. */
export interface UploadTools {
  readonly api: Api;
  readonly send: SendBody;
  readonly retry: RetryPolicy;
}

/** One upload while it lasts. */
export interface UploadRun {
  readonly source: Blob;
  readonly options: UploadOptions;
  readonly tools: UploadTools;
  /** Fires when the caller stops it, and when a part has failed for good. */
  readonly signal: AbortSignal;
}

/** A body on its way to one signed URL, or to the ones that follow it. */
export interface BodyToPut {
  readonly body: Blob;
  /** Asked before each try. */
  readonly sign: () => Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }>;
  /** Storage refused the last URL: the next must be a fresh one. */
  readonly discard: () => void;
  readonly onProgress: (sentBytes: number) => void;
}

/** @throws {@link StorageError} when storage refuses for good */
export function putBody(
  { tools, signal }: UploadRun,
  { body, sign, discard, onProgress }: BodyToPut,
): Promise<void> {
  const attempt = async () => {
    const { url, headers } = await sign();
    onProgress(0);
    const { status, text } = await tools.send({ url, headers, body, onProgress, signal });
    if (status < 200 || status > 299) throw new StorageError(status, text);
    onProgress(body.size);
  };
  return withFreshSignature(attempt, discard, tools.retry, signal);
}
