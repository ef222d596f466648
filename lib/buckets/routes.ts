import { Hono } from 'hono';
import { reachesBucket } from '../access/grants.ts';
import type { Config } from '../config/schema.ts';
import type { AppEnv } from '../http/env.ts';

/** `GET /v1/buckets`: the buckets that one of the caller's grants reaches, with their rules. */
export function bucketRoutes({ config }: { readonly config: Config }): Hono<AppEnv> {
  return new Hono<AppEnv>().get('/', (c) => {
    const { grants } = c.var.principal;
    const reached = Object.entries(config.buckets).filter(([name]) => reachesBucket(grants, name));
    return c.json({
      buckets: reached.map(([name, { maxObjectBytes, contentTypes, versioning, abandonedUploadDays }]) => ({
        name,
        maxObjectBytes,
        contentTypes,
        versioning,
        abandonedUploadDays,
      })),
    });
  });
}
