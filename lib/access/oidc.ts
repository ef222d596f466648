import { decodeJwt, errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose';
import type { IssuerConfig } from '../config/access.ts';
import { StowageError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import { principalOfClaims } from './claims.ts';
import { issuerKeys } from './issuer-keys.ts';
import type { Principal } from './principal.ts';
import { verifiedTokens } from './verified-tokens.ts';

/**
 * Access tokens of OpenID providers: JWTs (RFC 7519, RFC 9068), checked by the rules of RFC 8725. The key comes from the
 * configured issuer's own set and from nowhere else: a token's `jku`, `x5u` or `jwk` is not looked at.
 */

export interface OidcOptions {
  readonly issuers: readonly IssuerConfig[];
  readonly now: () => Date;
  readonly log: Log;
}

/** Tells whom a token stands for. @throws {@link StowageError} `invalid_credentials`, `token_expired` or `issuer_unavailable` */
export type VerifyOidcToken = (token: string) => Principal | Promise<Principal>;

/** `at+jwt` is an access token's type by RFC 9068; most providers still say just `JWT`. */
const tokenTypes: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt']);

export function oidcVerifier({ issuers, now, log }: OidcOptions): VerifyOidcToken {
  const known = new Map(
    issuers.map((config) => [
      config.issuer,
      { config, keys: issuerKeys({ issuer: config.issuer, now, log }) },
    ]),
  );
  const verified = verifiedTokens(now);

  async function verify(token: string): Promise<Principal> {
    const issuer = known.get(issuerOf(token));
    if (!issuer) throw refusal('The issuer of the token is not one that this service trusts.');
    const { audience, algorithms, clockToleranceSeconds } = issuer.config;
    const { payload, protectedHeader } = await jwtVerify(token, issuer.keys, {
      issuer: issuer.config.issuer,
      audience,
      algorithms: [...algorithms],
      clockTolerance: clockToleranceSeconds,
      currentDate: now(),
      requiredClaims: ['sub', 'exp'],
    }).catch((error: unknown) => {
      throw refusalOf(error);
    });
    const expiresAt = new Date((payload.exp ?? 0) * 1000);
    const principal: Principal = {
      kind: 'oidc',
      ...principalOfClaims(payload.sub, accessTokenClaims(payload, protectedHeader), issuer.config),
      expiresAt,
    };
    verified.remember(token, principal, expiresAt);
    return principal;
  }

  return (token) => verified.find(token) ?? verify(token);
}

/** A signature alone says only that the issuer wrote this; it may have been for something else. */
function accessTokenClaims(payload: JWTPayload, { typ }: JWTHeaderParameters): JWTPayload {
  if (!tokenTypes.has(typ?.toLowerCase())) throw refusal('The token is no access token.');
  // RFC 9449 and RFC 8705: such a token is worth nothing without a proof that its bearer holds the key.
  if ('cnf' in payload)
    throw refusal("The token is bound to a key of its holder's, which is not asked for here.");
  return payload;
}

function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch (error) {
    throw refusalOf(error);
  }
}

/** What a caller is told; of an error that is not the token's fault, nothing. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof errors.JOSEError)) return error;
  if (error instanceof errors.JWTExpired) {
    return new StowageError('token_expired', 'The token is past its time; sign in again.');
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refusal(`The claim "${error.claim}" of the token is missing or not accepted.`, error);
  }
  return refusal(details[error.code] ?? 'The token cannot be verified.', error);
}

const details: Readonly<Record<string, string>> = {
  [errors.JOSEAlgNotAllowed.code]: "The token's algorithm is not accepted.",
  [errors.JWKSNoMatchingKey.code]: 'The issuer has no such key as the token names.',
  [errors.JWKSMultipleMatchingKeys.code]: "The token does not say which of its issuer's keys has signed it.",
  [errors.JWSSignatureVerificationFailed.code]: "The token's signature is not its issuer's.",
};

function refusal(detail: string, cause?: unknown): StowageError {
  return new StowageError('invalid_credentials', detail, { cause });
}
