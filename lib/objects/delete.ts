import type { Principal } from '../access/principal.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { ErrorCode } from '../errors.ts';
import { refusalFor } from './key-refusal.ts';
import type { ObjectDeps } from './routes.ts';

export type DeleteResult =
  | { readonly key: string; readonly deleted: true }
  | { readonly key: string; readonly error: { readonly code: ErrorCode; readonly detail: string } };

/** Deletes what the caller may delete, in one request to storage, and answers for each key in the order asked. */
export async function deleteObjects(
  { config, storage, usage }: ObjectDeps,
  principal: Principal,
  bucket: string,
  keys: readonly string[],
): Promise<DeleteResult[]> {
  const refusals = new Map(
    keys.map((key) => [key, refusalFor(principal, { action: 'delete', bucket, key })]),
  );
  const allowed = [...refusals].filter(([, refusal]) => !refusal).map(([key]) => key);
  if (allowed.length > 0) {
    rulesOf(config, bucket);
    const counted = await usage.counted(
      bucket,
      allowed.map((key) => ({ key })),
    );
    const failed = await storage.deleteMany(bucket, allowed);
    for (const [key, code] of failed) {
      refusals.set(key, { code: 'storage_refused', detail: `Storage did not delete it (${code}).` });
    }
    const deleted = counted.filter(({ key }) => !failed.has(key));
    await usage.forget(bucket, deleted);
  }
  return keys.map((key) => {
    const refusal = refusals.get(key);
    return refusal ? { key, error: refusal } : { key, deleted: true };
  });
}
