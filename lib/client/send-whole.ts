import type { IssuedPut, IssuedUpload } from './contract.ts';
import { StorageError } from './errors.ts';
import { createProgressMeter } from './progress.ts';
import { putBody, type UploadRun } from './upload-run.ts';

/**
 * Sends the source in one request.
 *
 * @param reissue - begins the upload anew: of a PUT that it refused storage keeps nothing, so this is how it gets a
 *   fresh URL
 * @returns the id of the upload that the bytes went to
 */
export async function sendWhole(
  run: UploadRun,
  first: IssuedPut,
  reissue: () => Promise<IssuedUpload>,
): Promise<string> {
  const meter = createProgressMeter(run.source.size, 0, run.options.onProgress);
  let issued: IssuedUpload | undefined = first;
  let { uploadId } = first;
  const sign = async () => {
    issued ??= await reissue();
    if (issued.method !== 'put') throw new Error(`the service now wants method ${issued.method}`);
    ({ uploadId } = issued);
    return issued.put;
  };
  const discard = () => {
    issued = undefined;
  };
  try {
    await putBody(run, {
      body: run.source,
      sign,
      discard,
      onProgress: (sentBytes) => meter.set(1, sentBytes),
    });
  } catch (error) {
    // With `If-None-Match`, a try whose answer was lost makes the next one fail: complete knows whose object it is.
    if (!(error instanceof StorageError && error.status === 412)) throw error;
  }
  return uploadId;
}
