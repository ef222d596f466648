import { linkedController } from './abort.ts';
import type { Api } from './api.ts';
import type {
  Checksum,
  IssuedPut,
  IssuedUpload,
  ReceivedPart,
  SignedPart,
  CompletedUpload,
  UploadRequest,
  UploadStatus,
} from './contract.ts';
import { SourceMismatchError, StorageError, StowageApiError } from './errors.ts';
import { createPartUrls } from './part-urls.ts';
import { createProgressMeter, type Progress } from './progress.ts';
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
  /** Told as soon as it is known: all that is needed to go on later, from here or from another device. */
  readonly onUploadId?: (uploadId: string) => void;
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

interface UploadRun {
  readonly source: Blob;
  readonly options: UploadOptions;
  readonly tools: UploadTools;
  readonly controller: AbortController;
}

interface MultipartPlan {
  readonly uploadId: string;
  readonly partSizeBytes: number;
  readonly partCount: number;
  /** Received already. */
  readonly parts: readonly ReceivedPart[];
}

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
  const run: UploadRun = { source, options, tools, controller };
  try {
    return await (options.resume === undefined ? begin(run) : resume(run, options.resume));
  } catch (error) {
    // The parts still on their way would go on without anybody waiting for them.
    controller.abort(error);
    throw error;
  } finally {
    release();
  }
}

async function begin(run: UploadRun): Promise<CompletedUpload> {
  const issued = await issueUpload(run);
  if (issued.method === 'put') return sendWhole(run, issued);
  const { partSizeBytes, partCount, parts } = issued.multipart;
  return sendParts(run, { uploadId: issued.uploadId, partSizeBytes, partCount, parts: [] }, parts);
}

async function resume(run: UploadRun, uploadId: string): Promise<CompletedUpload> {
  const { source, tools, controller } = run;
  const status = await uploadStatus(tools.api, uploadId, controller.signal);
  if (status.sizeBytes !== undefined && status.sizeBytes !== source.size) {
    throw new SourceMismatchError(
      `the upload was begun with ${status.sizeBytes} bytes, but the source has ${source.size}`,
    );
  }
  if (status.state === 'completed') return completeUpload(run, uploadId);
  if (status.state === 'aborted') {
    throw new StowageApiError(409, {
      code: 'upload_aborted',
      detail: 'the upload was aborted or cleaned up',
    });
  }
  const { partSizeBytes, partCount, parts } = status;
  // Of a single PUT storage keeps nothing before its end, so there is nothing to go on with.
  if (partSizeBytes === undefined || partCount === undefined) return begin(run);
  run.options.onUploadId?.(uploadId);
  return sendParts(run, { uploadId, partSizeBytes, partCount, parts }, []);
}

async function issueUpload({ source, options, tools, controller }: UploadRun): Promise<IssuedUpload> {
  const { bucket, key, metadata, tags, checksum, ifNoneMatch } = options;
  const contentType = options.contentType ?? source.type;
  const request: UploadRequest = {
    bucket,
    key,
    sizeBytes: source.size,
    ...(contentType !== '' && { contentType }),
    ...(metadata && { metadata }),
    ...(tags && { tags }),
    ...(checksum && { checksum }),
    ...(ifNoneMatch && { ifNoneMatch }),
  };
  const issued = await tools.api.request<IssuedUpload>({
    method: 'POST',
    path: '/v1/uploads',
    body: request,
    signal: controller.signal,
  });
  options.onUploadId?.(issued.uploadId);
  return issued;
}

async function sendWhole(run: UploadRun, first: IssuedPut): Promise<CompletedUpload> {
  const { source, options } = run;
  const meter = createProgressMeter(source.size, 0, options.onProgress);
  let issued: IssuedUpload | undefined = first;
  let { uploadId } = first;
  const sign = async () => {
    issued ??= await issueUpload(run);
    if (issued.method !== 'put') throw new Error(`the service now wants method ${issued.method}`);
    ({ uploadId } = issued);
    return issued.put;
  };
  const discard = () => {
    issued = undefined;
  };
  try {
    await putBody(run, { body: source, sign, discard, onProgress: (sentBytes) => meter.set(1, sentBytes) });
  } catch (error) {
    // With `If-None-Match`, a try whose answer was lost makes the next one fail: complete knows whose object it is.
    if (!(error instanceof StorageError && error.status === 412)) throw error;
  }
  return completeUpload(run, uploadId);
}

async function sendParts(
  run: UploadRun,
  plan: MultipartPlan,
  issued: readonly SignedPart[],
): Promise<CompletedUpload> {
  const { source, options, tools, controller } = run;
  const { missing, receivedBytes } = compareParts(plan, source.size);
  const meter = createProgressMeter(source.size, receivedBytes, options.onProgress);
  const urls = createPartUrls(tools.api, plan.uploadId, missing, issued);
  const queue = missing.values();

  async function sendNext(): Promise<void> {
    // The workers share the iterator, so each number is taken once.
    for (const partNumber of queue) {
      const { start, end } = rangeOf(partNumber, plan, source.size);
      await putBody(run, {
        body: source.slice(start, end),
        sign: () => urls.get(partNumber, controller.signal),
        discard: () => urls.forget(partNumber),
        onProgress: (sentBytes) => meter.set(partNumber, sentBytes),
      });
      urls.forget(partNumber);
    }
  }

  await Promise.all(Array.from({ length: options.parallelParts ?? 4 }, sendNext));
  return completeUpload(run, plan.uploadId);
}

interface BodyToPut {
  readonly body: Blob;
  /** Asked before each try. */
  readonly sign: () => Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }>;
  /** Storage refused the last URL: the next must be a fresh one. */
  readonly discard: () => void;
  readonly onProgress: (sentBytes: number) => void;
}

function putBody(
  { tools, controller: { signal } }: UploadRun,
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

/** A part that arrived with another size (the source of an earlier try) is sent again. */
function compareParts(plan: MultipartPlan, sizeBytes: number): { missing: number[]; receivedBytes: number } {
  const received = new Map(plan.parts.map((part) => [part.partNumber, part.sizeBytes]));
  const missing: number[] = [];
  let receivedBytes = 0;
  for (let partNumber = 1; partNumber <= plan.partCount; partNumber += 1) {
    const { start, end } = rangeOf(partNumber, plan, sizeBytes);
    if (received.get(partNumber) === end - start) receivedBytes += end - start;
    else missing.push(partNumber);
  }
  return { missing, receivedBytes };
}

function rangeOf(
  partNumber: number,
  { partSizeBytes }: MultipartPlan,
  sizeBytes: number,
): { start: number; end: number } {
  const start = (partNumber - 1) * partSizeBytes;
  return { start, end: Math.min(start + partSizeBytes, sizeBytes) };
}

/** Without a list of parts: the service asks storage, so no ETag has to be readable here. */
function completeUpload({ tools, controller }: UploadRun, uploadId: string): Promise<CompletedUpload> {
  return tools.api.request({
    method: 'POST',
    path: `/v1/uploads/${encodeURIComponent(uploadId)}/complete`,
    body: {},
    signal: controller.signal,
  });
}

/** What has become of an upload, with all parts that storage has received. */
export function uploadStatus(
  api: Api,
  uploadId: string,
  signal: AbortSignal | undefined,
): Promise<UploadStatus> {
  return api.request({ method: 'GET', path: `/v1/uploads/${encodeURIComponent(uploadId)}`, signal });
}

/** Gives an upload up; storage drops the parts that it has received. */
export function abortUpload(api: Api, uploadId: string): Promise<void> {
  return api.request({ method: 'DELETE', path: `/v1/uploads/${encodeURIComponent(uploadId)}` });
}
