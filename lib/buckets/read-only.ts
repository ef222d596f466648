import type { MiddlewareHandler } from 'hono';
import type { Flags } from '../config/flags.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';

/** Does a flag say that the bucket takes no changes now? */
export function isReadOnly({ readOnlyBuckets }: Flags, bucket: string): boolean {
  return readOnlyBuckets.some((name) => name === '*' || name === bucket);
}

/** @throws {@link StowageError} `bucket_read_only` */
export function demandWritable(flags: Flags, bucket: string): void {
  if (!isReadOnly(flags, bucket)) return;
  throw new StowageError(
    'bucket_read_only',
    `The bucket "${bucket}" is read-only for now: the flag "readOnlyBuckets" names it.`,
  );
}

/** Refuses what would change a bucket that is named in the path. */
export function refuseChanges(flags: () => Flags): MiddlewareHandler<AppEnv, '/:bucket/*'> {
  return async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') demandWritable(flags(), c.req.param('bucket'));
    await next();
  };
}
