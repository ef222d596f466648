import { Hono } from 'hono';
import type { AppEnv } from '../http/env.ts';
import { readJson, readQuery } from '../http/input.ts';
import { type Decision, decide } from './grants.ts';
import { meQuery, tokenCommand } from './schema.ts';
import type { Seal } from './seal.ts';
import { mintToken } from './token.ts';

/** `GET /v1/me`, with the reason for a decision if wanted, and `POST /v1/tokens`. */
export function accessRoutes({ seal, now }: { readonly seal: Seal; readonly now: () => Date }): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/me', (c) => {
      const { kind, sub, tenant, grants, expiresAt } = c.var.principal;
      const { explain } = readQuery(c, meQuery);
      const explanation = explain && explainDecision(decide(grants, explain));
      return c.json({ principal: { kind, sub }, tenant, grants, expiresAt, serverTime: now(), explanation });
    })
    .post('/tokens', async (c) => {
      const minted = mintToken(seal, c.var.principal, await readJson(c, tokenCommand), now());
      return c.json(minted, 201);
    });
}

function explainDecision(decision: Decision) {
  return 'grant' in decision ? { allowed: true, ...decision } : { allowed: false, ...decision.refusal };
}
