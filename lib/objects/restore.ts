import type { Principal } from '../access/principal.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { ErrorCode } from '../errors.ts';
import { S3Error } from '../storage/errors.ts';
import type { RetrievalTier } from '../storage/lifecycle.ts';
import { refusalOfStorage } from '../storage/refusal.ts';
import { refusalFor } from './key-refusal.ts';
import type { ObjectDeps } from './routes.ts';

export type RestoreResult =
  | { readonly key: string; readonly state: 'restoring' | 'restored' }
  | { readonly key: string; readonly error: { readonly code: ErrorCode; readonly detail: string } };

/** Requests under way at once: S3 takes each key by itself. */
const lanes = 16;

/** Asks for readable copies of the archived objects that the caller may write, and answers for each key. */
export async function restoreObjects(
  { config, storage }: Pick<ObjectDeps, 'config' | 'storage'>,
  principal: Principal,
  bucket: string,
  {
    keys,
    ...request
  }: { readonly keys: readonly string[]; readonly days: number; readonly tier: RetrievalTier },
): Promise<RestoreResult[]> {
  const results = new Map<string, RestoreResult>();
  const waiting: string[] = [];
  for (const key of new Set(keys)) {
    const refusal = refusalFor(principal, { action: 'write', bucket, key });
    if (refusal) results.set(key, { key, error: refusal });
    else waiting.push(key);
  }
  if (waiting.length > 0) rulesOf(config, bucket);

  async function restoreOne(key: string): Promise<RestoreResult> {
    try {
      return { key, state: await storage.restore({ bucket, key }, request) };
    } catch (error) {
      const code = error instanceof S3Error ? error.code : '';
      if (code === 'RestoreAlreadyInProgress') return { key, state: 'restoring' };
      if (code === 'InvalidObjectState') {
        return { key, error: { code: 'object_not_archived', detail: 'The object can be read as it is.' } };
      }
      const { code: refused, detail } = asProblem(error);
      return { key, error: { code: refused, detail } };
    }
  }

  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
        results.set(key, await restoreOne(key));
      }
    }),
  );
  return keys.flatMap((key) => results.get(key) ?? []);
}

function asProblem(error: unknown): { code: ErrorCode; detail: string } {
  const { code, message } = refusalOfStorage(error);
  return { code, detail: message };
}
