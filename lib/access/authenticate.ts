import { hash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { everything } from './grants.ts';
import type { Principal } from './principal.ts';
import type { Seal } from './seal.ts';
import { isToken, readToken } from './token.ts';

/** What {@link authenticator} checks credentials against. */
export interface AccessSecrets {
  readonly seal: Seal;
  /** SHA-256 of the root key; the key itself is kept nowhere. */
  readonly rootKeySha256: Buffer;
}

/** Tells who presents a credential. @throws {@link StowageError} `invalid_credentials` or `token_expired` */
export type Authenticate = (credential: string) => Principal;

export function authenticator({ seal, rootKeySha256 }: AccessSecrets): Authenticate {
  return (credential) => {
    if (isToken(credential)) return readToken(seal, credential);
    if (timingSafeEqual(hash('sha256', credential, 'buffer'), rootKeySha256)) {
      return { kind: 'root', sub: 'root', grants: [everything] };
    }
    throw new StowageError('invalid_credentials', 'The API key is unknown.');
  };
}

/**
 * Demands `Authorization: Bearer …` (RFC 6750) and puts the {@link Principal} into the context. Nothing behind it is
 * open to the anonymous.
 */
export function requirePrincipal(authenticate: Authenticate): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set('principal', authenticate(bearerOf(c.req.header('authorization'))));
    await next();
  };
}

/**
 * Like {@link requirePrincipal}, but takes a delegated token from the query, too (RFC 6750, section 2.3), since an
 * `<img src>` cannot send a header. API keys are not taken there: an address ends up in histories and logs.
 */
export function requirePrincipalOrQueryToken(authenticate: Authenticate): MiddlewareHandler<AppEnv> {
  const byHeader = requirePrincipal(authenticate);
  return async (c, next) => {
    const token = c.req.query('access_token');
    if (token === undefined) return byHeader(c, next);
    if (!isToken(token)) {
      throw new StowageError(
        'invalid_credentials',
        'Only a delegated token may stand in access_token, never an API key.',
      );
    }
    c.set('principal', authenticate(token));
    return next();
  };
}

function bearerOf(header: string | undefined): string {
  if (header === undefined)
    throw new StowageError('unauthenticated', 'Send "Authorization: Bearer" and a key or token.');
  const credential = /^Bearer +([\w.~+/-]+=*) *$/i.exec(header)?.[1];
  if (credential === undefined)
    throw new StowageError('invalid_credentials', 'Authorization is not a bearer credential.');
  return credential;
}
