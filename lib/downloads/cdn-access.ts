import type { Context, MiddlewareHandler } from 'hono';
import { rulesOf } from '../buckets/rules.ts';
import type { Flags } from '../config/flags.ts';
import type { Config } from '../config/schema.ts';
import { viewerHostHeader } from '../config/viewer-host-header.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import type { SignedUrl } from '../storage/signing.ts';
import type { Cdn, CdnSigner, SignedPrefix } from './cdn.ts';
import type { DownloadItem } from './schema.ts';

interface CdnAccessDeps {
  readonly config: Config;
  readonly flags: () => Flags;
  readonly cdn?: Cdn | undefined;
  readonly now: () => Date;
}

/** The CDN as the routes use it: what it cannot give is refused with the rule that says so. */
export function cdnAccess({ config, flags, cdn, now }: CdnAccessDeps) {
  function signerFor(c: Context<AppEnv>): Promise<CdnSigner> {
    if (cdn) return cdn.signer(c.req.header(viewerHostHeader));
    throw new StowageError(
      'cdn_not_configured',
      'No CDN stands before this deployment: a stage in AWS with an "edge" has one.',
    );
  }

  function demandServed(bucket: string): void {
    if (rulesOf(config, bucket).cdn) return;
    throw new StowageError(
      'cdn_not_configured',
      `The CDN does not serve the bucket "${bucket}": its rules in stowage.json have no "cdn".`,
    );
  }

  /** CloudFront counts in whole seconds. */
  const expiryOf = (expiresInSeconds: number) => {
    const seconds = Math.min(expiresInSeconds, flags().maxUrlLifetimeSeconds);
    return new Date((Math.floor(now().getTime() / 1000) + seconds) * 1000);
  };

  return {
    /** @throws {@link StowageError} `cdn_not_configured` or `cdn_unavailable`; the signer, those of one item */
    async objectSigner(c: Context<AppEnv>) {
      const signer = await signerFor(c);
      return (
        item: DownloadItem & { readonly contentDisposition: string | undefined },
        expiresInSeconds: number,
      ): SignedUrl => {
        demandServed(item.bucket);
        if (item.versionId !== undefined) {
          throw new StowageError(
            'invalid_request',
            'The CDN serves the current version alone; ask for others via "storage".',
          );
        }
        const expiresAt = expiryOf(expiresInSeconds);
        return { url: signer.signObject(item, expiresAt), expiresAt };
      };
    },

    /** @throws {@link StowageError} `cdn_not_configured` or `cdn_unavailable` */
    async signPrefix(
      c: Context<AppEnv>,
      bucket: string,
      prefix: string,
      expiresInSeconds: number,
    ): Promise<SignedPrefix & Pick<SignedUrl, 'expiresAt'>> {
      const signer = await signerFor(c);
      demandServed(bucket);
      const expiresAt = expiryOf(expiresInSeconds);
      return { ...signer.signPrefix(bucket, prefix, expiresAt), expiresAt };
    },
  };
}

/**
 * Lets pages of the allowed origins keep the cookies of an answer. Nothing here is done for a cookie's sake, so none
 * can be used against its owner.
 */
export function keepsCookies(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next();
    if (c.res.headers.get('access-control-allow-origin') !== null) {
      c.header('access-control-allow-credentials', 'true');
    }
  };
}
