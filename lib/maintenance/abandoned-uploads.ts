import * as v from 'valibot';
import type { Config } from '../config/schema.ts';
import { S3Error } from '../storage/errors.ts';
import type { MultipartUpload } from '../storage/operations.ts';
import type { Storage } from '../storage/storage.ts';
import { type Task, taskOf } from './task.ts';
import { workThrough } from './work-through.ts';

const cursorSchema = v.object({
  bucket: v.string(),
  after: v.optional(v.object({ key: v.string(), storageUploadId: v.string() })),
});

export interface AbandonedUploadDeps {
  readonly config: Config;
  readonly storage: Storage;
  readonly now: () => Date;
  /** So many uploads are aborted at once. */
  readonly atOnce: number;
}

/**
 * Aborts the multipart uploads that are older than `abandonedUploadDays` of their bucket, where storage does not do so by
 * itself. Their ids have ended by then, and so have their reservations, which are given back for themselves.
 *
 * @param stepSize - so many uploads are looked at in a step
 */
export function abandonedUploads(
  { config, storage, now, atOnce }: AbandonedUploadDeps,
  stepSize = 1000,
): Task {
  const buckets = Object.keys(config.buckets).toSorted();
  return taskOf({
    name: 'abandoned-uploads',
    everySeconds: 1800,
    cursor: cursorSchema,
    step: async (cursor = { bucket: '' }) => {
      // One that is gone from the configuration meanwhile is passed over.
      const bucket = buckets.find((name) => name >= cursor.bucket);
      const days = bucket === undefined ? undefined : config.buckets[bucket]?.abandonedUploadDays;
      if (bucket === undefined || days === undefined) return { counts: {}, failures: [] };
      const after = bucket === cursor.bucket ? cursor.after : undefined;
      const following = buckets[buckets.indexOf(bucket) + 1];
      const elsewhere = following === undefined ? undefined : { bucket: following };
      if (!after && (await doesItself(storage, bucket, days))) {
        return { next: elsewhere, counts: {}, failures: [] };
      }
      const { uploads, next } = await storage.pageOfUploads(bucket, { limit: stepSize, after });
      const oldest = now().getTime() - days * 86_400_000;
      const abandoned = uploads.filter(({ initiatedAt }) => initiatedAt.getTime() < oldest);
      const failures = await workThrough(abandoned, atOnce, ({ key, storageUploadId }) =>
        abort(storage, { bucket, key, storageUploadId }),
      );
      return {
        next: next ? { bucket, after: next } : elsewhere,
        counts: { aborted: abandoned.length - failures.length },
        failures,
      };
    },
  });
}

/** Has storage a rule for it? One that knows no lifecycle, or none that can be read, has not. */
async function doesItself(storage: Storage, bucket: string, days: number): Promise<boolean> {
  try {
    const rules = await storage.getLifecycle(bucket);
    return rules.some(
      ({ enabled, prefix, abortUploadsAfterDays = Infinity }) =>
        enabled && prefix === '' && abortUploadsAfterDays <= days,
    );
  } catch (error) {
    if (error instanceof S3Error && isFinal(error)) return false;
    throw error;
  }
}

/** It will say the same the next time. */
function isFinal({ status }: S3Error): boolean {
  return (status > 0 && status < 500) || status === 501;
}

/** One that is gone by now needs no abort. */
async function abort(storage: Storage, upload: MultipartUpload): Promise<void> {
  try {
    await storage.abortMultipartUpload(upload);
  } catch (error) {
    if (!(error instanceof S3Error && error.code === 'NoSuchUpload')) throw error;
  }
}
