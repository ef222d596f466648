import type { Upload } from './queue.ts';

/** All uploads in a few numbers. */
export interface UploadSummary {
  readonly count: number;
  readonly doneCount: number;
  readonly failedCount: number;
  /** Waiting or being sent. */
  readonly openCount: number;
  /** Of the bytes, 0 to 1. */
  readonly fraction: number;
  readonly bytesPerSecond: number;
  /** `undefined` while nothing moves. */
  readonly secondsLeft: number | undefined;
}

export function summarize(uploads: readonly Upload[]): UploadSummary {
  const countOf = (state: Upload['state']) => uploads.filter((upload) => upload.state === state).length;
  const sum = (measure: (upload: Upload) => number) =>
    uploads.reduce((total, upload) => total + measure(upload), 0);
  const totalBytes = sum(({ file }) => file.size);
  const bytesLeft = totalBytes - sum(({ sentBytes }) => sentBytes);
  const bytesPerSecond = sum((upload) => upload.bytesPerSecond);
  return {
    count: uploads.length,
    doneCount: countOf('done'),
    failedCount: countOf('failed'),
    openCount: countOf('waiting') + countOf('sending'),
    fraction: totalBytes === 0 ? 1 : 1 - bytesLeft / totalBytes,
    bytesPerSecond,
    secondsLeft: bytesPerSecond > 0 ? bytesLeft / bytesPerSecond : undefined,
  };
}
