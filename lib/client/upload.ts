import { linkedController } from './abort.ts';
import type { CompletedUpload, IssuedUpload, UploadStatus } from './contract.ts';
import { SourceMismatchError, StowageApiError } from './errors.ts';
import { sendParts } from './send-parts.ts';
import { sendWhole } from './send-whole.ts';
import { completeUpload, issueUpload, uploadStatus } from './upload-calls.ts';
import type { UploadOptions, UploadRun, UploadTools } from './upload-run.ts';

/**
 * Uploads a source straight to storage and completes it.
 *
 * @param source - in Node, `fs.openAsBlob` makes one of a file without reading it
 * @throws {@link StowageApiError} and {@link StorageError} when either side refuses,
 *   {@link SourceMismatchError} when `resume` belongs to a source of another size
 */
export async function upload(
  source: Blob,
  options: UploadOptions,
  tools: UploadTools,
): Promise<CompletedUpload> {
  const { controller, release } = linkedController(options.signal);
  const run: UploadRun = { source, options, tools, signal: controller.signal };
  try {
    const uploadId = await (options.resume === undefined ? begin(run) : resume(run, options.resume));
    return await completeUpload(tools.api, uploadId, run.signal);
  } catch (error) {
    // The parts still on their way would go on without anybody waiting for them.
    controller.abort(error);
    throw error;
  } finally {
    release();
  }
}

/** Sends everything; gives the id of the upload to complete. */
async function begin(run: UploadRun): Promise<string> {
  const issued = await issue(run);
  if (issued.method === 'put') return sendWhole(run, issued, () => issue(run));
  const { uploadId, multipart } = issued;
  const { partSizeBytes, partCount, parts } = multipart;
  await sendParts(run, { uploadId, partSizeBytes, partCount, received: [], signed: parts });
  return uploadId;
}

/** Sends what storage lacks; gives the id of the upload to complete. */
async function resume(run: UploadRun, uploadId: string): Promise<string> {
  const status = await uploadStatus(run.tools.api, uploadId, run.signal);
  demandResumable(status, run.source);
  if (status.state === 'completed') return uploadId;
  const { partSizeBytes, partCount, parts } = status;
  // Of a single PUT storage keeps nothing before its end, so there is nothing to go on with.
  if (partSizeBytes === undefined || partCount === undefined) return begin(run);
  await run.options.onUploadId?.(uploadId);
  await sendParts(run, { uploadId, partSizeBytes, partCount, received: parts, signed: [] });
  return uploadId;
}

function demandResumable({ state, sizeBytes }: UploadStatus, source: Blob): void {
  if (state === 'aborted') {
    const detail = 'The upload was aborted or cleaned up; begin a new one.';
    throw new StowageApiError(409, { code: 'upload_aborted', detail });
  }
  if (sizeBytes !== undefined && sizeBytes !== source.size) {
    throw new SourceMismatchError(
      `The upload was begun with ${sizeBytes} bytes, but the source has ${source.size}.`,
    );
  }
}

async function issue({ source, options, tools, signal }: UploadRun): Promise<IssuedUpload> {
  const { bucket, key, metadata, tags, checksum, ifNoneMatch } = options;
  const contentType = options.contentType ?? source.type;
  const issued = await issueUpload(
    tools.api,
    {
      bucket,
      key,
      sizeBytes: source.size,
      ...(contentType !== '' && { contentType }),
      ...(metadata && { metadata }),
      ...(tags && { tags }),
      ...(checksum && { checksum }),
      ...(ifNoneMatch && { ifNoneMatch }),
    },
    signal,
  );
  await options.onUploadId?.(issued.uploadId);
  return issued;
}
