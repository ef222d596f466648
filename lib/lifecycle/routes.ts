import { Hono } from 'hono';
import { authorize } from '../access/principal.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { Config } from '../config/schema.ts';
import type { AppEnv } from '../http/env.ts';
import type { Storage } from '../storage/storage.ts';

export interface LifecycleDeps {
  readonly config: Config;
  readonly storage: Storage;
}

/** `/v1/lifecycle`: the rules by which storage ends, moves and tidies up the objects of a bucket. */
export function lifecycleRoutes({ config, storage }: LifecycleDeps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/:bucket', async (c) => {
      const bucket = c.req.param('bucket');
      authorize(c.var.principal, { action: 'admin', bucket, key: '' });
      rulesOf(config, bucket);
      return c.json({ rules: await storage.getLifecycle(bucket) });
    })

    .put('/:bucket', async (c) => {
      const bucket = c.req.param('bucket');
      authorize(c.var.principal, { action: 'admin', bucket, key: '' });
      const bucketRules = rulesOf(config, bucket);
      // Seldom asked for, so that a cold start does without.
      const { changeLifecycle } = await import('./change.ts');
      const rules = await changeLifecycle(c, storage, bucket, bucketRules);
      return c.json({ rules });
    });
}
