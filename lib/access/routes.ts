import { Hono } from 'hono';
import type { AppEnv } from '../http/env.ts';
import { readJson } from '../http/input.ts';
import { tokenCommand } from './schema.ts';
import type { Seal } from './seal.ts';
import { mintToken } from './token.ts';

/** `GET /v1/me`, `POST /v1/tokens`. */
export function accessRoutes({ seal, now }: { readonly seal: Seal; readonly now: () => Date }): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/me', (c) => {
      const { kind, sub, tenant, grants, expiresAt } = c.var.principal;
      return c.json({ principal: { kind, sub }, tenant, grants, expiresAt, serverTime: now() });
    })
    .post('/tokens', async (c) => {
      const minted = mintToken(seal, c.var.principal, await readJson(c, tokenCommand), now());
      return c.json(minted, 201);
    });
}
