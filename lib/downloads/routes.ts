import { Hono } from 'hono';
import { objectKey, objectPath } from '../access/object-key.ts';
import { authorize, lifetimeWithinRights, type Principal } from '../access/principal.ts';
import type { SingleUses } from '../access/single-use.ts';
import type { Audit } from '../audit/audit.ts';
import { auditTargets, demandAudit } from '../audit/trail.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { Flags } from '../config/flags.ts';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { check, readJson, readQuery } from '../http/input.ts';
import type { Storage } from '../storage/storage.ts';
import type { Cdn } from './cdn.ts';
import { cdnAccess } from './cdn-access.ts';
import { contentDisposition } from './content-disposition.ts';
import { contentQuery, cookiesCommand, type DownloadItem, downloadsCommand } from './schema.ts';

export interface DownloadDeps {
  readonly config: Config;
  readonly flags: () => Flags;
  readonly storage: Storage;
  /** Default: there is none. */
  readonly cdn?: Cdn | undefined;
  readonly singleUses: SingleUses;
  readonly now: () => Date;
}

/** `/v1/downloads`: a signed address for each item, or the reason why not; cookies for a prefix. Storage is not asked. */
export function downloadRoutes(deps: DownloadDeps): Hono<AppEnv> {
  const { config, storage, singleUses, now } = deps;
  const throughCdn = cdnAccess(deps);

  return new Hono<AppEnv>()
    .post('/', async (c) => {
      const {
        items,
        via,
        expiresInSeconds = config.limits.urlLifetimeSeconds,
      } = await readJson(c, downloadsCommand);
      const { principal } = c.var;
      if (principal.singleUse && items.length > 1) {
        throw new StowageError('access_denied', 'A single-use token is for one object.');
      }
      const signCdn = via === 'cdn' ? await throughCdn.objectSigner(c) : undefined;
      const lifetimeSeconds = lifetimeWithinRights(principal, expiresInSeconds, now());
      const sign = () =>
        items.map((item) => {
          const { bucket, key } = item;
          try {
            demandReadable(config, principal, item);
            const presented = { ...item, contentDisposition: presentation(item) };
            const signed = signCdn
              ? signCdn(presented, lifetimeSeconds)
              : storage.signGet(presented, lifetimeSeconds);
            return { bucket, key, error: undefined, ...signed };
          } catch (error) {
            if (!(error instanceof StowageError)) throw error;
            return { bucket, key, error: { code: error.code, detail: error.message } };
          }
        });
      const answers = await singleUses.spend(principal, sign, (results) =>
        results.some(({ error }) => !error),
      );
      auditTargets(c, ...answers.map(({ bucket, key, error }) => ({ bucket, key, rule: error?.code })));
      return c.json({ items: answers });
    })

    .post('/cookies', async (c) => {
      const {
        bucket,
        prefix,
        expiresInSeconds = config.limits.urlLifetimeSeconds,
      } = await readJson(c, cookiesCommand);
      const { principal } = c.var;
      auditTargets(c, { bucket, key: prefix });
      authorize(principal, { action: 'read', bucket, key: prefix, extent: 'below' });
      rulesOf(config, bucket);
      const lifetimeSeconds = lifetimeWithinRights(principal, expiresInSeconds, now());
      const { path, ...signed } = await throughCdn.signPrefix(c, bucket, prefix, lifetimeSeconds);
      for (const [name, value] of Object.entries(signed.cookies)) {
        // Without an end of its own, so that it is gone with the browser's session; the policy ends it before.
        const cookie = `${name}=${value}; Path=${path}; Secure; HttpOnly; SameSite=Lax`;
        c.header('set-cookie', cookie, { append: true });
      }
      return c.json({ bucket, prefix, ...signed });
    });
}

export interface ContentDeps extends Pick<DownloadDeps, 'config' | 'storage' | 'singleUses' | 'now'> {
  /** Default: none is kept. */
  readonly audit?: Audit | undefined;
}

/** `GET /v1/content/{bucket}/{key}`: a redirect to the bytes, so that `<img src>` and `curl -L` work. */
export function contentRoutes({ config, storage, singleUses, now, audit }: ContentDeps): Hono<AppEnv> {
  return new Hono<AppEnv>().get(objectPath, async (c) => {
    const { access_token: _, ...presented } = readQuery(c, contentQuery);
    const item = {
      bucket: c.req.param('bucket'),
      key: check(c.req.param('key'), objectKey),
      ...presented,
    };
    auditTargets(c, { bucket: item.bucket, key: item.key, versionId: item.versionId });
    demandAudit(audit);
    const { principal } = c.var;
    demandReadable(config, principal, item);
    const lifetimeSeconds = lifetimeWithinRights(principal, config.limits.urlLifetimeSeconds, now());
    const method = c.req.method === 'HEAD' ? 'HEAD' : 'GET';
    const sign = () =>
      storage.signGet({ ...item, contentDisposition: presentation(item) }, lifetimeSeconds, method);
    // What HEAD is sent to holds no bytes, and so uses nothing up.
    const { url } = method === 'HEAD' ? sign() : await singleUses.spend(principal, sign);
    return c.redirect(url, 302);
  });
}

function demandReadable(config: Config, principal: Principal, { bucket, key }: DownloadItem): void {
  authorize(principal, { action: 'read', bucket, key });
  rulesOf(config, bucket);
}

/** A file name without a disposition is meant to be saved. */
function presentation({
  filename,
  disposition = filename === undefined ? undefined : 'attachment',
}: DownloadItem): string | undefined {
  return disposition && contentDisposition(disposition, filename);
}
