import { Hono } from 'hono';
import { auditTargets } from '../audit/trail.ts';
import type { IssuerConfig } from '../config/access.ts';
import type { AppEnv } from '../http/env.ts';
import { readJson, readQuery } from '../http/input.ts';
import { type Decision, decide } from './grants.ts';
import { tokenIdOf } from './lineage.ts';
import { authorize } from './principal.ts';
import type { Revocations } from './revocations.ts';
import { meQuery, revokeCommand, tokenCommand } from './schema.ts';
import type { Seal } from './seal.ts';
import { mintToken } from './token.ts';

export interface AccessDeps {
  readonly seal: Seal;
  readonly revocations: Revocations;
  readonly now: () => Date;
}

/**
 * `GET /v1/me`, with the reason for a decision if wanted, which is how a person or a program signs in;  `POST /v1/tokens` and
 * `POST /v1/tokens/revoke`.
 */
export function accessRoutes({ seal, revocations, now }: AccessDeps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/me', (c) => {
      const { kind, sub, tenant, grants, expiresAt } = c.var.principal;
      const { explain } = readQuery(c, meQuery);
      auditTargets(c, {});
      const explanation = explain && explainDecision(decide(grants, explain));
      return c.json({ principal: { kind, sub }, tenant, grants, expiresAt, serverTime: now(), explanation });
    })
    .post('/tokens', async (c) => {
      const minted = mintToken(seal, c.var.principal, await readJson(c, tokenCommand), now());
      auditTargets(c, { tokenId: minted.tokenId });
      return c.json(minted, 201);
    })
    .post('/tokens/revoke', async (c) => {
      const { principal } = c.var;
      const { tokenId } = await readJson(c, revokeCommand);
      auditTargets(c, { tokenId });
      const isOwn = principal.kind === 'key' || tokenIdOf(principal.lineage) === tokenId;
      if (!isOwn) authorize(principal, { action: 'admin', bucket: '*', key: '' });
      await revocations.revokeToken(tokenId, principal);
      return c.body(null, 204);
    });
}

/** `GET /v1/sign-in`: whom the console may send people to. Open to all. */
export function signInRoutes(issuers: readonly IssuerConfig[]): Hono<AppEnv> {
  const providers = issuers.flatMap(({ issuer, audience, signIn }) =>
    signIn ? [{ issuer, audience, ...signIn }] : [],
  );
  return new Hono<AppEnv>().get('/sign-in', (c) => c.json({ providers }));
}

function explainDecision(decision: Decision) {
  return 'grant' in decision ? { allowed: true, ...decision } : { allowed: false, ...decision.refusal };
}
