import type { Context } from 'hono';
import { configuredLifecycle } from '../config/bucket-lifecycle.ts';
import type { BucketRules } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { readJson } from '../http/input.ts';
import { S3Error } from '../storage/errors.ts';
import type { Storage } from '../storage/storage.ts';
import { mergeLifecycle } from './merge.ts';
import type { LifecycleRule } from './rule.ts';
import { lifecycleCommand } from './schema.ts';

/**
 * Sets the rules of a bucket to those of the configuration and those in the body.
 *
 * @throws {@link StowageError} `invalid_request` with every fault, `lifecycle_rule_reserved` or `lifecycle_not_supported`
 */
export async function changeLifecycle(
  c: Context<AppEnv>,
  storage: Storage,
  bucket: string,
  bucketRules: BucketRules,
): Promise<LifecycleRule[]> {
  const command = await readJson(c, lifecycleCommand);
  const rules = mergeLifecycle(configuredLifecycle(bucketRules), command.rules);
  await storage.putLifecycle(bucket, rules).catch((cause: unknown) => {
    if (!isRefused(cause)) throw cause;
    throw new StowageError('lifecycle_not_supported', `Storage refused the rules: ${cause.code}.`, { cause });
  });
  return rules;
}

/** One storage knows classes and rules that another one does not. */
function isRefused(error: unknown): error is S3Error {
  return error instanceof S3Error && (error.status === 400 || error.status === 501);
}
