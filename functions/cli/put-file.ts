import { openAsBlob } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { getMimeType } from 'hono/utils/mime';
import type { StowageClient } from '../../lib/client/client.ts';
import type { CompletedUpload } from '../../lib/client/contract.ts';
import { StowageApiError } from '../../lib/client/errors.ts';
import type { UploadOptions } from '../../lib/client/upload.ts';
import type { Address, Invocation } from './command.ts';
import { CommandError, exitCodes } from './failure.ts';
import { printable } from './format.ts';
import { type Memory, memoryOf } from './memory.ts';
import type { Output } from './output.ts';

/** What the options of `put` say about each upload. */
export type PutOptions = Pick<UploadOptions, 'contentType' | 'ifNoneMatch' | 'parallelParts'>;

/**
 * Uploads one file; goes on with its unfinished upload when there is one.
 *
 * @param name - what to call the file in the results. Default: its path
 */
export async function putFile(
  file: string,
  to: Address,
  options: PutOptions,
  { client, url, output, signal }: Invocation,
  name = file,
): Promise<void> {
  const entry = await stat(file);
  if (!entry.isFile()) {
    throw new CommandError(exitCodes.usage, `${file} is not a file. Name files, such as ${join(file, '*')}.`);
  }
  if (options.ifNoneMatch) await demandAbsence(client, to);
  const source = await openAsBlob(file);
  const contentType = options.contentType ?? getMimeType(file) ?? 'application/octet-stream';
  const { size, mtimeMs } = entry;
  const identity = { url, file: await realpath(file), size, mtimeMs, contentType, ...to };
  const memory = memoryOf('uploads', identity, isUploadId);

  using progress = output.openProgress(printable(to.key), size);
  const object = await resumeOrBegin(memory, output, (onUploadId, resume) =>
    client.upload(source, {
      ...options,
      ...to,
      contentType,
      signal,
      onUploadId,
      onProgress: ({ sentBytes }) => progress.update(sentBytes),
      ...(resume !== undefined && { resume }),
    }),
  );
  output.result({ file: name, ...object });
  output.note(`${name} → ${to.bucket}/${printable(to.key)}, ${progress.summary()}`);
}

type Send = (onUploadId: (uploadId: string) => void, resume?: string) => Promise<CompletedUpload>;

/** Keeps the upload's id while the upload lasts, for the run that may have to go on with it. */
async function resumeOrBegin(memory: Memory<string>, output: Output, send: Send): Promise<CompletedUpload> {
  let saved: Promise<void> = Promise.resolve();
  const remember = (uploadId: string) => {
    saved = memory.save(uploadId).catch((error: unknown) => {
      output.note(`If it is stopped, this upload must begin anew: its id cannot be kept (${String(error)}).`);
    });
  };
  try {
    const known = await memory.load();
    if (known !== undefined) output.note('Going on with the upload that was begun before.');
    const object = await send(remember, known).catch((error: unknown) => {
      if (known === undefined || !isPastUse(error)) throw error;
      output.note(`That upload cannot be finished (${error.code}); beginning anew.`);
      return send(remember);
    });
    await saved;
    await memory.forget();
    return object;
  } finally {
    await saved;
  }
}

/** The remembered upload is gone or spoiled, so a new one may succeed. A taken key stays taken. */
function isPastUse(error: unknown): error is StowageApiError {
  if (!(error instanceof StowageApiError) || error.code === 'object_exists') return false;
  return [400, 409, 410, 422].includes(error.status);
}

/** Better to hear now that the key is taken than after hours; storage refuses again at the end, should it be taken by then. */
async function demandAbsence(client: StowageClient, { bucket, key }: Address): Promise<void> {
  try {
    await client.object(bucket, key);
  } catch (error) {
    // Who may write but not read hears of it at the end.
    if (error instanceof StowageApiError && [403, 404].includes(error.status)) return;
    throw error;
  }
  throw new CommandError(exitCodes.conflict, `${bucket}/${key} is there already.`);
}

function isUploadId(value: unknown): value is string {
  return typeof value === 'string';
}
