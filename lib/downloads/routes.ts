import { Hono } from 'hono';
import { objectKey, objectPath } from '../access/object-key.ts';
import { authorize, type Principal } from '../access/principal.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { Flags } from '../config/flags.ts';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { check, readJson, readQuery } from '../http/input.ts';
import type { SignedUrl } from '../storage/signing.ts';
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
  readonly now: () => Date;
}

/** `/v1/downloads`: a signed address for each item, or the reason why not; cookies for a prefix. Storage is not asked. */
export function downloadRoutes({ config, flags, storage, cdn, now }: DownloadDeps): Hono<AppEnv> {
  const throughCdn = cdnAccess({ config, flags, cdn, now });

  return new Hono<AppEnv>()
    .post('/', async (c) => {
      const {
        items,
        via,
        expiresInSeconds = config.limits.urlLifetimeSeconds,
      } = await readJson(c, downloadsCommand);
      const { principal } = c.var;
      const signCdn = via === 'cdn' ? await throughCdn.objectSigner(c) : undefined;
      return c.json({
        items: items.map((item) => {
          const { bucket, key } = item;
          try {
            demandReadable(config, principal, item);
            const presented = { ...item, contentDisposition: presentation(item) };
            const signed = signCdn
              ? signCdn(presented, expiresInSeconds)
              : storage.signGet(presented, expiresInSeconds);
            return { bucket, key, ...signed };
          } catch (error) {
            if (!(error instanceof StowageError)) throw error;
            return { bucket, key, error: { code: error.code, detail: error.message } };
          }
        }),
      });
    })

    .post('/cookies', async (c) => {
      const {
        bucket,
        prefix,
        expiresInSeconds = config.limits.urlLifetimeSeconds,
      } = await readJson(c, cookiesCommand);
      authorize(c.var.principal, { action: 'read', bucket, key: prefix, extent: 'below' });
      rulesOf(config, bucket);
      const { path, ...signed } = await throughCdn.signPrefix(c, bucket, prefix, expiresInSeconds);
      for (const [name, value] of Object.entries(signed.cookies)) {
        // Without an end of its own, so that it is gone with the browser's session; the policy ends it before.
        const cookie = `${name}=${value}; Path=${path}; Secure; HttpOnly; SameSite=Lax`;
        c.header('set-cookie', cookie, { append: true });
      }
      return c.json({ bucket, prefix, ...signed });
    });
}

/** `GET /v1/content/{bucket}/{key}`: a redirect to the bytes, so that `<img src>` and `curl -L` work. */
export function contentRoutes({ config, storage }: Pick<DownloadDeps, 'config' | 'storage'>): Hono<AppEnv> {
  return new Hono<AppEnv>().get(objectPath, (c) => {
    const { access_token: _, ...presented } = readQuery(c, contentQuery);
    const item = {
      bucket: c.req.param('bucket'),
      key: check(c.req.param('key'), objectKey),
      ...presented,
    };
    demandReadable(config, c.var.principal, item);
    const method = c.req.method === 'HEAD' ? 'HEAD' : 'GET';
    const { url }: SignedUrl = storage.signGet(
      { ...item, contentDisposition: presentation(item) },
      config.limits.urlLifetimeSeconds,
      method,
    );
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
