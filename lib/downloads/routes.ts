import { Hono } from 'hono';
import { objectKey, objectPath } from '../access/object-key.ts';
import { authorize, lifetimeWithinRights, type Principal } from '../access/principal.ts';
import type { SingleUses } from '../access/single-use.ts';
import type { Audit } from '../audit/audit.ts';
import { auditTargets, demandAudit } from '../audit/trail.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { check, readJson, readQuery } from '../http/input.ts';
import type { SignedUrl } from '../storage/signing.ts';
import type { Storage } from '../storage/storage.ts';
import { contentDisposition } from './content-disposition.ts';
import { contentQuery, type DownloadItem, downloadsCommand } from './schema.ts';

export interface DownloadDeps {
  readonly config: Config;
  readonly storage: Storage;
  readonly singleUses: SingleUses;
  readonly now: () => Date;
  readonly audit?: Audit | undefined;
}

/** `POST /v1/downloads`: a signed address for each item, or the reason why not. Storage is not asked. */
export function downloadRoutes({ config, storage, singleUses, now }: DownloadDeps): Hono<AppEnv> {
  return new Hono<AppEnv>().post('/', async (c) => {
    const {
      items,
      via,
      expiresInSeconds = config.limits.urlLifetimeSeconds,
    } = await readJson(c, downloadsCommand);
    const { principal } = c.var;
    if (principal.singleUse && items.length > 1) {
      throw new StowageError('access_denied', 'A single-use token is for one object.');
    }
    const lifetimeSeconds = lifetimeWithinRights(principal, expiresInSeconds, now());
    const sign = () =>
      items.map((item) => {
        const { bucket, key } = item;
        try {
          demandReadable(config, principal, item);
          if (via === 'cdn')
            throw new StowageError('cdn_not_configured', `No CDN stands before the bucket "${bucket}".`);
          return { bucket, key, error: undefined, ...signDownload(storage, item, lifetimeSeconds) };
        } catch (error) {
          if (!(error instanceof StowageError)) throw error;
          return { bucket, key, error: { code: error.code, detail: error.message } };
        }
      });
    const answers = await singleUses.spend(principal, sign, (results) => results.some(({ error }) => !error));
    auditTargets(c, ...answers.map(({ bucket, key, error }) => ({ bucket, key, rule: error?.code })));
    return c.json({ items: answers });
  });
}

/** `GET /v1/content/{bucket}/{key}`: a redirect to the bytes, so that `<img src>` and `curl -L` work. */
export function contentRoutes({ config, storage, singleUses, now, audit }: DownloadDeps): Hono<AppEnv> {
  return new Hono<AppEnv>().get(objectPath, async (c) => {
    const { access_token: _, ...presentation } = readQuery(c, contentQuery);
    const item = {
      bucket: c.req.param('bucket'),
      key: check(c.req.param('key'), objectKey),
      ...presentation,
    };
    auditTargets(c, { bucket: item.bucket, key: item.key, versionId: item.versionId });
    demandAudit(audit);
    const { principal } = c.var;
    demandReadable(config, principal, item);
    const lifetimeSeconds = lifetimeWithinRights(principal, config.limits.urlLifetimeSeconds, now());
    const method = c.req.method === 'HEAD' ? 'HEAD' : 'GET';
    const sign = () => signDownload(storage, item, lifetimeSeconds, method);
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
function signDownload(
  storage: Storage,
  item: DownloadItem,
  expiresInSeconds: number,
  method?: 'GET' | 'HEAD',
): SignedUrl {
  const {
    bucket,
    key,
    versionId,
    filename,
    disposition = filename === undefined ? undefined : 'attachment',
  } = item;
  const override = disposition && contentDisposition(disposition, filename);
  return storage.signGet({ bucket, key, versionId, contentDisposition: override }, expiresInSeconds, method);
}
