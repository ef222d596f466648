import { hash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { peerOf } from '../http/peer.ts';
import { type ClaimRules, type Claims, principalOfClaims } from './claims.ts';
import { everything } from './grants.ts';
import { upToToken } from './lineage.ts';
import type { OidcOptions, VerifyOidcToken } from './oidc.ts';
import type { Principal } from './principal.ts';
import type { Seal } from './seal.ts';
import type { Revocations } from './revocations.ts';
import { isToken, readToken } from './token.ts';

/** What {@link authenticator} checks credentials against. */
export interface AccessSecrets {
  readonly seal: Seal;
  /** SHA-256 of the root key; the key itself is kept nowhere. */
  readonly rootKeySha256: Buffer;
}

/**
 * Tells who presents a credential: at once, unless a new token of an OpenID provider is to be verified, or an API key
 * to be looked up.
 *
 * @throws {@link StowageError} `invalid_credentials`, `token_expired`, `credentials_revoked`,
 * `issuer_unavailable` or `records_unavailable`
 */
export type Authenticate = (credential: string) => Principal | Promise<Principal>;

/** What {@link authenticator} asks beside the secrets. */
export interface AccessChecks {
  /** Who presents an API key; `undefined` for what is none. */
  readonly principalOfKey: (credential: string) => Principal | Promise<Principal> | undefined;
  readonly isRevoked: Revocations['isRevoked'];
  /** Absent where no issuer is configured. */
  readonly verifyOidcToken?: VerifyOidcToken | undefined;
}

export function authenticator(
  { seal, rootKeySha256 }: AccessSecrets,
  { principalOfKey, isRevoked, verifyOidcToken }: AccessChecks,
): Authenticate {
  return (credential) => {
    if (isToken(credential)) return unlessRevoked(readToken(seal, credential), isRevoked);
    if (timingSafeEqual(hash('sha256', credential, 'buffer'), rootKeySha256)) {
      return { kind: 'root', sub: 'root', grants: [everything] };
    }
    if (verifyOidcToken && isJwt(credential)) return verifyOidcToken(credential);
    const principal = principalOfKey(credential);
    if (principal instanceof Promise) return principal.then((found) => unlessRevoked(found, isRevoked));
    if (principal) return unlessRevoked(principal, isRevoked);
    throw new StowageError('invalid_credentials', 'The API key is unknown.');
  };
}

/** Tokens, and API keys that were made with one, by whatever way. */
function unlessRevoked(
  bearer: Principal,
  isRevoked: Revocations['isRevoked'],
): Principal | Promise<Principal> {
  const admit = (revoked: boolean) => {
    if (revoked) throw new StowageError('credentials_revoked', 'The token was revoked; ask for a new one.');
    return bearer;
  };
  const lineage = upToToken(bearer.lineage);
  if (!lineage) return bearer;
  const revoked = isRevoked(lineage);
  return revoked instanceof Promise ? revoked.then(admit) : admit(revoked);
}

/**
 * Verifies the tokens of OpenID providers. What that takes is loaded only where an issuer is configured: every cold
 * start would pay for it.
 */
export function oidcVerification(options: OidcOptions): VerifyOidcToken | undefined {
  if (options.issuers.length === 0) return undefined;
  const loading = import('./oidc.ts').then(({ oidcVerifier }) => oidcVerifier(options));
  return async (token) => (await loading)(token);
}

/**
 * Demands `Authorization: Bearer …` (RFC 6750) and puts the {@link Principal} into the context. Nothing behind it is
 * open to the anonymous.
 *
 * @param certificateRules - who comes with a client certificate needs no header; default: everybody does
 */
export function requirePrincipal(
  authenticate: Authenticate,
  certificateRules?: ClaimRules,
): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const header = c.req.header('authorization');
    const { certificateSubject } = peerOf(c);
    if (header === undefined && certificateRules && certificateSubject && !isForged(c)) {
      c.set('principal', principalOfCertificate(certificateSubject, certificateRules));
    } else {
      c.set('principal', await authenticate(bearerOf(header)));
    }
    await next();
  };
}

/**
 * Has another site made the browser ask this? A browser shows its certificate whoever makes it call, and what changes
 * something must be its holder's own wish.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
function isForged(c: Context<AppEnv>): boolean {
  const isSafe = c.req.method === 'GET' || c.req.method === 'HEAD';
  return !isSafe && ['cross-site', 'same-site'].includes(c.req.header('sec-fetch-site') ?? '');
}

/**
 * Like {@link requirePrincipal}, but takes a delegated token from the query, too (RFC 6750, section 2.3), since an
 * `<img src>` cannot send a header. API keys are not taken there: an address ends up in histories and logs.
 */
export function requirePrincipalOrQueryToken(
  authenticate: Authenticate,
  certificateRules?: ClaimRules,
): MiddlewareHandler<AppEnv> {
  const byHeader = requirePrincipal(authenticate, certificateRules);
  return async (c, next) => {
    const token = c.req.query('access_token');
    if (token === undefined) return byHeader(c, next);
    if (!isToken(token)) {
      throw new StowageError(
        'invalid_credentials',
        'Only a delegated token may stand in access_token, never an API key.',
      );
    }
    c.set('principal', await authenticate(token));
    return next();
  };
}

/**
 * Like {@link requirePrincipal}, but takes the credential as the password of `Basic` (RFC 7617), too: storage that calls
 * an address knows no other way to show one than `https://stowage:KEY@…`.
 */
export function requirePrincipalOrPassword(
  authenticate: Authenticate,
  certificateRules?: ClaimRules,
): MiddlewareHandler<AppEnv> {
  const byHeader = requirePrincipal(authenticate, certificateRules);
  return async (c, next) => {
    const [, encoded] = /^Basic +([\w+/-]+=*) *$/i.exec(c.req.header('authorization') ?? '') ?? [];
    if (encoded === undefined) return byHeader(c, next);
    const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
    c.set('principal', await authenticate(password));
    return next();
  };
}

function principalOfCertificate(subject: Claims, rules: ClaimRules): Principal {
  return { kind: 'certificate', ...principalOfClaims(subject['CN'], subject, rules) };
}

/** JSON that begins with `{"`, in base64url, leads every JWT. */
function isJwt(credential: string): boolean {
  return credential.startsWith('eyJ');
}

function bearerOf(header: string | undefined): string {
  if (header === undefined)
    throw new StowageError('unauthenticated', 'Send "Authorization: Bearer" and a key or token.');
  const credential = /^Bearer +([\w.~+/-]+=*) *$/i.exec(header)?.[1];
  if (credential === undefined)
    throw new StowageError('invalid_credentials', 'Authorization is not a bearer credential.');
  return credential;
}
