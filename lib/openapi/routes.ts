import { Hono } from 'hono';
import type { AppEnv } from '../http/env.ts';

/** `GET /openapi.json`. The document is loaded when it is first asked for. */
export function openapiRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>().get('/openapi.json', async (c) => {
    const { default: document } = await import('./openapi.json', { with: { type: 'json' } });
    return c.json(document);
  });
}
