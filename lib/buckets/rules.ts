import type { BucketRules, Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';

/**
 * The rules of a bucket. Ask only after `authorize`: who may not use a bucket shall not learn whether it exists.
 *
 * @throws {@link StowageError} `bucket_not_found`
 */
export function rulesOf(config: Config, bucket: string): BucketRules {
  const rules = Object.hasOwn(config.buckets, bucket) ? config.buckets[bucket] : undefined;
  if (!rules)
    throw new StowageError('bucket_not_found', `There is no bucket "${bucket}" in the configuration.`);
  return rules;
}
