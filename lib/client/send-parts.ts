import type { ReceivedPart, SignedPart } from './contract.ts';
import { createPartUrls } from './part-urls.ts';
import { createProgressMeter } from './progress.ts';
import { putBody, type UploadRun } from './upload-run.ts';

/** How a source is divided, and how far it has come. */
export interface MultipartPlan {
  readonly uploadId: string;
  readonly partSizeBytes: number;
  readonly partCount: number;
  /** What storage has. */
  readonly received: readonly ReceivedPart[];
  /** URLs that are known already. */
  readonly signed: readonly SignedPart[];
}

interface Part {
  readonly partNumber: number;
  readonly start: number;
  readonly end: number;
}

const defaultParallelParts = 4;

/** Sends the parts that storage lacks, several at a time. */
export async function sendParts(run: UploadRun, plan: MultipartPlan): Promise<void> {
  const { source, options, tools, signal } = run;
  const missing = missingParts(plan, source.size);
  const missingBytes = missing.reduce((sum, { start, end }) => sum + end - start, 0);
  const meter = createProgressMeter(source.size, source.size - missingBytes, options.onProgress);
  const numbers = missing.map(({ partNumber }) => partNumber);
  const urls = createPartUrls(tools.api, plan.uploadId, numbers, plan.signed);
  const queue = missing.values();

  async function sendNext(): Promise<void> {
    // The workers share the iterator, so each part is taken once.
    for (const { partNumber, start, end } of queue) {
      await putBody(run, {
        body: source.slice(start, end),
        sign: () => urls.get(partNumber, signal),
        discard: () => urls.discard(),
        onProgress: (sentBytes) => meter.set(partNumber, sentBytes),
      });
    }
  }

  await Promise.all(Array.from({ length: options.parallelParts ?? defaultParallelParts }, sendNext));
}

/** A part that arrived with another size (of an earlier state of the source) is missing, too. */
function missingParts({ partSizeBytes, partCount, received }: MultipartPlan, sizeBytes: number): Part[] {
  const receivedBytes = new Map(received.map((part) => [part.partNumber, part.sizeBytes]));
  const parts = Array.from({ length: partCount }, (_, index) => ({
    partNumber: index + 1,
    start: index * partSizeBytes,
    end: Math.min((index + 1) * partSizeBytes, sizeBytes),
  }));
  return parts.filter(({ partNumber, start, end }) => receivedBytes.get(partNumber) !== end - start);
}
