import { Hono } from 'hono';
import type { AppEnv } from '../http/env.ts';
import type { Page, Representation } from './read-pages.ts';
import { securityHeaders } from './security-headers.ts';

export interface PageDeps {
  readonly pages: readonly Page[];
  /** Where signed addresses lead; the pages may connect there. */
  readonly storageOrigins: readonly string[];
  /** Where else the pages may connect: to whom they send people to sign in. */
  readonly connectOrigins: readonly string[];
}

const yearSeconds = 31_536_000;

/** The console at `/`, the contract to read and try at `/docs`, and their assets. */
export function pageRoutes({ pages, storageOrigins, connectOrigins }: PageDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const security = securityHeaders(storageOrigins, connectOrigins);
  for (const page of pages) {
    const lasting = {
      ...security,
      'cache-control': page.isImmutable ? `public, max-age=${yearSeconds}, immutable` : 'no-cache',
      vary: 'accept-encoding',
    };
    routes.get(page.path, (c) => {
      const { body, coding, etag } = choose(page.representations, c.req.header('accept-encoding'));
      const headers = { ...lasting, etag };
      if (isKnown(etag, c.req.header('if-none-match'))) return c.body(null, 304, headers);
      return c.body(body, 200, {
        ...headers,
        'content-type': page.contentType,
        ...(coding !== 'identity' && { 'content-encoding': coding }),
      });
    });
  }
  return routes;
}

/** The smallest representation that the caller takes (RFC 9110, section 12.5.3). */
function choose(representations: readonly Representation[], acceptEncoding = ''): Representation {
  const accepted = new Set(
    acceptEncoding
      .split(',')
      .map((item) => item.trim().toLowerCase())
      .filter((item) => !/;\s*q=0(\.0*)?$/.test(item))
      .map((item) => item.split(';', 1)[0]),
  );
  const chosen = representations.find(({ coding }) => coding === 'identity' || accepted.has(coding));
  if (!chosen) throw new Error('a page has no plain representation');
  return chosen;
}

/** Does the caller hold this representation already? A proxy may have made the tag weak. */
function isKnown(etag: string, ifNoneMatch = ''): boolean {
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
