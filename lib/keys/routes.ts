import { type Context, Hono } from 'hono';
import { delegateGrants, demandCovered, nameBearer } from '../access/delegate.ts';
import { lineageFor } from '../access/lineage.ts';
import { authorize, endOfRights, type Principal } from '../access/principal.ts';
import type { Revocations } from '../access/revocations.ts';
import { auditTargets } from '../audit/trail.ts';
import type { AppEnv } from '../http/env.ts';
import { readJson, readOptionalJson, readQuery } from '../http/input.ts';
import type { Records } from '../records/port.ts';
import { addKey, type ApiKey, changeKey, findKey, keyNotFound, lastUse, listKeys } from './key-records.ts';
import { makeKeyText } from './key-text.ts';
import type { KnownKeys } from './known-keys.ts';
import type { S3CredentialsOf } from './s3-credentials.ts';
import { keyChange, keyCommand, keysQuery, rotateCommand } from './schema.ts';

export interface KeyDeps {
  readonly records: Records;
  readonly keys: KnownKeys;
  readonly revocations: Revocations;
  /** What keys are to S3 tools. Default: nothing, where there is no store that takes them. */
  readonly s3CredentialsOf?: S3CredentialsOf | undefined;
  readonly now: () => Date;
}

/**
 * `/v1/keys`: make, list, look at, disable, rotate and delete API keys. All of it takes `admin` on every bucket. With a
 * key that is disabled or deleted all ends that it has made, itself or by what it made: tokens, uploads that it began,
 * and other keys, though these come back when it is enabled again.
 */
export function keyRoutes({ records, keys, revocations, s3CredentialsOf, now }: KeyDeps): Hono<AppEnv> {
  /** Changes the key in the path, which must be one that the caller may see. */
  async function change(
    c: Context<AppEnv, '/:keyId'>,
    to: (key: ApiKey) => ApiKey | undefined,
  ): Promise<ApiKey> {
    const keyId = c.req.param('keyId');
    const before = await changeKey(records, keyId, (key) => {
      demandOwn(c.var.principal, key);
      return to(key);
    });
    keys.forget(keyId);
    return before;
  }

  /** All that may be told of a key. */
  async function describe({ keyId, name, tenant, grants, enabled, createdAt, createdBy, expiresAt }: ApiKey) {
    const lastUsedAt = await lastUse(records, keyId);
    return { keyId, name, tenant, grants, enabled, createdAt, createdBy, expiresAt, lastUsedAt };
  }

  return new Hono<AppEnv>()
    .use(async (c, next) => {
      authorize(c.var.principal, { action: 'admin', bucket: '*', key: '' });
      await next();
    })

    .post('/', async (c) => {
      const { principal } = c.var;
      const { name, expiresInSeconds, ...wanted } = await readJson(c, keyCommand);
      const { text, sha256, keyId } = makeKeyText();
      auditTargets(c, { keyId });
      const { tenant } = nameBearer(principal, { tenant: wanted.tenant });
      const grants = delegateGrants(principal, wanted.grants, { sub: keyId, tenant });
      const createdAt = now();
      const expiresAt = endOf(principal, createdAt, expiresInSeconds);
      await addKey(records, {
        keyId,
        name,
        tenant,
        grants,
        enabled: true,
        createdAt,
        createdBy: { kind: principal.kind, sub: principal.sub },
        expiresAt,
        lineage: lineageFor(principal, createdAt),
        sha256: sha256.toString('hex'),
      });
      keys.forget(keyId);
      const s3 = s3CredentialsOf?.({ keyId, sha256: sha256.toString('hex') });
      return c.json({ keyId, key: text, name, tenant, grants, expiresAt, s3 }, 201);
    })

    .get('/', async (c) => {
      const { cursor } = readQuery(c, keysQuery);
      const { keys: found, next } = await listKeys(records, cursor);
      const visible = found.filter((key) => maySee(c.var.principal, key));
      return c.json({ keys: await Promise.all(visible.map(describe)), cursor: next });
    })

    .get('/:keyId', async (c) => {
      const keyId = c.req.param('keyId');
      const key = await findKey(records, keyId);
      if (!key) throw keyNotFound(keyId);
      demandOwn(c.var.principal, key);
      return c.json(await describe(key));
    })

    .patch('/:keyId', async (c) => {
      const { enabled } = await readJson(c, keyChange);
      const before = await change(c, (key) => {
        if (enabled) demandCovered(c.var.principal, key.grants);
        return { ...key, enabled };
      });
      if (!enabled) await revocations.revokeKey(before.keyId);
      else if (!before.enabled) await revocations.reviveKey(before.keyId);
      return c.json(await describe({ ...before, enabled }));
    })

    .post('/:keyId/rotate', async (c) => {
      const { overlapSeconds } = await readOptionalJson(c, rotateCommand);
      const keyId = c.req.param('keyId');
      const { text, sha256 } = makeKeyText(keyId);
      const until = new Date(now().getTime() + overlapSeconds * 1000);
      await change(c, (key) => {
        // Whoever gets the new text can do all that the key can.
        demandCovered(c.var.principal, key.grants);
        return { ...key, sha256: sha256.toString('hex'), previous: { sha256: key.sha256, until } };
      });
      const s3 = s3CredentialsOf?.({ keyId, sha256: sha256.toString('hex') });
      return c.json({ keyId, key: text, s3, ...(overlapSeconds > 0 && { previousUntil: until }) });
    })

    .delete('/:keyId', async (c) => {
      const { keyId } = await change(c, () => undefined);
      await revocations.revokeKey(keyId);
      return c.body(null, 204);
    });
}

/** Root sees all keys, everybody else those of their own tenant, or those of none. */
function maySee(principal: Principal, key: ApiKey): boolean {
  return principal.kind === 'root' || principal.tenant === key.tenant;
}

/** A key of another tenant is as good as none: who may not see it shall not learn that it exists. */
function demandOwn(principal: Principal, key: ApiKey): void {
  if (!maySee(principal, key)) throw keyNotFound(key.keyId);
}

/** What was made by something that ends ends with it at the latest. */
function endOf(maker: Principal, now: Date, expiresInSeconds: number | undefined): Date | undefined {
  const limit = endOfRights(maker);
  const wanted =
    expiresInSeconds === undefined ? undefined : new Date(now.getTime() + expiresInSeconds * 1000);
  return limit && (!wanted || limit < wanted) ? limit : wanted;
}
