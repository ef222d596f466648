import type { StowageClient } from '../../../lib/client/client.ts';
import { StowageApiError } from '../../../lib/client/errors.ts';
import { forgetUpload, rememberedUpload, rememberUpload, type UploadIdentity } from './unfinished.ts';

export interface SendOptions {
  /** Whether an object of the same key may be written over. */
  readonly replaces: boolean;
  readonly parallelParts: number;
  readonly signal: AbortSignal;
  readonly onProgress: (sentBytes: number) => void;
}

/** Smaller files are sent anew sooner than the service is asked what it has of them. */
const worthResumingBytes = 16_000_000;

/** The remembered upload is of no use any more, so another has to begin. */
const isPastUse = new Set(['invalid_upload_id', 'upload_aborted', 'upload_expired', 'upload_not_resumable']);

/**
 * Sends one file, going on with its unfinished upload where there is one.
 *
 * @throws `StowageApiError` with code `object_exists` when the key is taken and `replaces` is not set
 */
export async function sendFile(
  client: StowageClient,
  identity: UploadIdentity,
  { replaces, parallelParts, signal, onProgress }: SendOptions,
): Promise<void> {
  const { bucket, key, file } = identity;
  const isWorthResuming = file.size >= worthResumingBytes;
  const known = isWorthResuming ? rememberedUpload(identity) : undefined;
  if (isWorthResuming && !replaces) await demandAbsence(client, identity);
  const send = (resume?: string) =>
    client.upload(file, {
      bucket,
      key,
      parallelParts,
      signal,
      onProgress: ({ sentBytes }) => onProgress(sentBytes),
      onUploadId: (uploadId) => {
        if (isWorthResuming) rememberUpload(identity, uploadId);
      },
      ...(!replaces && { ifNoneMatch: '*' }),
      ...(resume !== undefined && { resume }),
    });
  try {
    await send(known);
  } catch (error) {
    if (known === undefined || !(error instanceof StowageApiError) || !isPastUse.has(error.code)) throw error;
    await send();
  }
  forgetUpload(identity);
}

/** Gives an unfinished upload up, here and in storage. What cannot be reached now is cleaned up there in time. */
export async function discardUpload(client: StowageClient, identity: UploadIdentity): Promise<void> {
  const uploadId = rememberedUpload(identity);
  if (uploadId === undefined) return;
  forgetUpload(identity);
  await client.abortUpload(uploadId).catch(() => undefined);
}

export function isTaken(error: unknown): boolean {
  return error instanceof StowageApiError && error.code === 'object_exists';
}

/** Storage refuses a taken key at the end; who sends gigabytes would like to know before. */
async function demandAbsence(client: StowageClient, { bucket, key }: UploadIdentity): Promise<void> {
  // Who may write but not list learns it at the end.
  const page = await client.list(bucket, { prefix: key, limit: 1 }).catch(() => undefined);
  if (page?.objects[0]?.key !== key) return;
  throw new StowageApiError(409, { code: 'object_exists', detail: 'The key is taken.' });
}
