import { openAsBlob } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { getMimeType } from 'hono/utils/mime';
import type { StowageClient } from '../../lib/client/client.ts';
import { StowageApiError } from '../../lib/client/errors.ts';
import type { UploadOptions } from '../../lib/client/upload-run.ts';
import type { Address, Invocation } from './command.ts';
import { CommandError, exitCodes } from './failure.ts';
import { printable } from './format.ts';
import { memoryOf, noMemory } from './memory.ts';

/** What the options of `put` say about each upload. */
export type PutOptions = Pick<UploadOptions, 'contentType' | 'ifNoneMatch' | 'parallelParts'>;

/** A file to upload. */
export interface SourceFile {
  readonly path: string;
  /** What the results call it. */
  readonly name: string;
  /** It will not be there for another run, so there is nothing to go on with. */
  readonly isTemporary: boolean;
}

/** Uploads one file; goes on with its unfinished upload when there is one. */
export async function putFile(
  { path, name, isTemporary }: SourceFile,
  to: Address,
  options: PutOptions,
  { client, url, output, signal }: Invocation,
): Promise<void> {
  const entry = await stat(path);
  if (!entry.isFile()) {
    throw new CommandError(exitCodes.usage, `${name} is not a file. Name files, such as ${join(name, '*')}.`);
  }
  const source = await openAsBlob(path);
  const contentType = options.contentType ?? getMimeType(path) ?? 'application/octet-stream';
  const { size, mtimeMs } = entry;
  const identity = { url, path: await realpath(path), size, mtimeMs, contentType, ...to };
  const memory = isTemporary ? noMemory : memoryOf('uploads', identity, isUploadId, output.note);
  const known = await memory.load();
  if (known !== undefined) output.note('Going on with the upload that was begun before.');
  else if (options.ifNoneMatch) await demandAbsence(client, to);

  using progress = output.openProgress(printable(to.key), size);
  const send = (resume?: string) =>
    client.upload(source, {
      ...options,
      ...to,
      contentType,
      signal,
      onUploadId: memory.save,
      onProgress: ({ sentBytes }) => progress.update(sentBytes),
      ...(resume !== undefined && { resume }),
    });
  const object = await send(known).catch((error: unknown) => {
    if (known === undefined || !isPastUse(error)) throw error;
    output.note(`That upload cannot be finished (${error.code}); beginning anew.`);
    return send();
  });
  await memory.forget();
  output.result({ file: name, ...object });
  output.note(`${name} → ${to.bucket}/${printable(to.key)}, ${progress.summary()}`);
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
