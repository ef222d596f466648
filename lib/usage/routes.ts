import { Hono } from 'hono';
import type { AppEnv } from '../http/env.ts';
import type { UsageRouteDeps } from './read-usage.ts';

/**
 * `GET /v1/usage`: what the caller's tenant takes of each bucket where a quota holds for it and a grant of the caller
 * reaches; every tenant's, for a caller without a tenant who may `admin` the whole bucket. `GET /v1/usage/days`: what of
 * it came and went on each day.
 */
export function usageRoutes(deps: UsageRouteDeps): Hono<AppEnv> {
  // Seldom asked for, so that a cold start does without.
  const open = () => import('./read-usage.ts');
  return new Hono<AppEnv>()
    .get('/', async (c) => c.json(await (await open()).readUsage(deps, c.var.principal)))
    .get('/days', async (c) => c.json(await (await open()).readUsageDays(deps, c)));
}
