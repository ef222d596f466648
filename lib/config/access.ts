import * as v from 'valibot';
import { grantRule } from '../access/grant-schema.ts';
import { isSecureAddress, wholeNumber } from './values.ts';

/** The part of `stowage.json` that says who may come in. */

const origin = v.pipe(
  v.string(),
  v.check(isOrigin, 'must be an origin such as https://app.example.com, without a path'),
);

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

const issuerUrl = v.pipe(
  v.string(),
  v.url(),
  v.check(isSecureAddress, 'must be https; plain http only on loopback'),
  v.check((text) => !/[?#]/.test(text), 'must not have a query or a fragment'),
);

const claimName = v.pipe(v.string(), v.nonEmpty());

/** JWS algorithms with a public key (RFC 7518, section 3.1; RFC 9864): with a shared secret, who verifies can also forge. */
const signatureAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** An OpenID provider whose access tokens are accepted. */
const issuer = v.strictObject({
  /** Exactly as in the tokens' `iss`. */
  issuer: issuerUrl,
  /** What the tokens' `aud` must hold. */
  audience: v.pipe(v.string(), v.nonEmpty()),
  algorithms: v.optional(v.pipe(v.array(v.picklist(signatureAlgorithms)), v.minLength(1)), [
    ...signatureAlgorithms,
  ]),
  /** How far the issuer's clock may be off. */
  clockToleranceSeconds: v.optional(wholeNumber(0, 300), 30),
  /** The claim that names the tenant; a token without it is refused. Default: callers have no tenant. */
  tenantClaim: v.optional(claimName),
  /** The claim that lists grants, each in the form of `POST /v1/tokens`. */
  grantsClaim: v.optional(claimName, 'stowage'),
  /** Grants that the service itself gives, beside those of the claim. */
  grants: v.optional(v.array(grantRule), []),
  /** The console as a public client of the provider, which sends people back to its address. Default: it offers no sign-in. */
  signIn: v.optional(
    v.strictObject({
      clientId: v.pipe(v.string(), v.nonEmpty()),
      scope: v.optional(v.pipe(v.string(), v.nonEmpty()), 'openid'),
    }),
  ),
});

/**
 * Whom a client's certificate stands for, where the process asks for one: its `CN` names the caller, and its subject's
 * attributes (`O`, `OU`, …) are the claims.
 */
const clientCertificates = v.strictObject({
  /** The attribute that names the tenant; a certificate without it is refused. Default: callers have no tenant. */
  tenantClaim: v.optional(claimName),
  grants: v.array(grantRule),
});

export const accessSchema = v.strictObject({
  issuers: v.optional(
    v.pipe(
      v.array(issuer),
      v.check(
        (issuers) => new Set(issuers.map((one) => one.issuer)).size === issuers.length,
        'must name each issuer once',
      ),
    ),
    [],
  ),
  /** Default: a certificate lets nobody in without a key or a token. */
  clientCertificates: v.optional(clientCertificates),
  corsOrigins: v.optional(v.array(origin), []),
  /** How many proxies of one's own every request passes: so many entries of `X-Forwarded-For` are believed. */
  trustedProxyHops: v.optional(wholeNumber(0, 10), 0),
});

export type IssuerConfig = v.InferOutput<typeof issuer>;

/** A rule that gives a grant to those whose claims match. */
export type GrantRule = v.InferOutput<typeof grantRule>;

/** Where the console connects to sign people in. */
export function signInOrigins(issuers: readonly IssuerConfig[]): readonly string[] {
  return issuers.filter(({ signIn }) => signIn).map(({ issuer }) => new URL(issuer).origin);
}
