import { StowageError } from '../errors.ts';
import { type Grant, isCovered } from './grants.ts';
import { fillPrefix, type Names } from './prefix-template.ts';
import type { Principal } from './principal.ts';
import { type TokenCommand, tokenClaims } from './schema.ts';
import { openSealed, type Seal } from './seal.ts';

/**
 * Delegated tokens: a narrower, short-lived copy of a caller's grants, for browsers and mobiles. A token carries its
 * grants under a seal, so that reading one asks no database.
 */

const tokenPrefix = 'stowt_';

export function isToken(credential: string): boolean {
  return credential.startsWith(tokenPrefix);
}

export interface MintedToken {
  readonly token: string;
  readonly expiresAt: Date;
  readonly grants: readonly Grant[];
}

/**
 * Makes a token. It never outlives its maker's own credentials, and its maker's name and tenant go with it.
 *
 * @throws {@link StowageError} `grant_exceeds_caller` with each grant that the caller does not hold itself
 */
export function mintToken(seal: Seal, maker: Principal, command: TokenCommand, now: Date): MintedToken {
  const { sub, tenant } = nameBearer(maker, command);
  const grants = command.grants.map((grant) => ({ ...grant, prefix: prefixFor(grant, { sub, tenant }) }));
  const excess = grants.flatMap((grant, index) =>
    isCovered(grant, maker.grants)
      ? []
      : [{ path: `grants[${index}]`, message: 'is more than the caller may do' }],
  );
  if (excess.length > 0) {
    throw new StowageError(
      'grant_exceeds_caller',
      'A delegated grant must lie within the grants of the caller.',
      {
        errors: excess,
      },
    );
  }
  const wanted = new Date((Math.floor(now.getTime() / 1000) + command.expiresInSeconds) * 1000);
  const expiresAt = maker.expiresAt && maker.expiresAt < wanted ? maker.expiresAt : wanted;
  return { token: tokenPrefix + seal.seal('token', { sub, tenant, grants }, expiresAt), expiresAt, grants };
}

/** @throws {@link StowageError} `invalid_credentials` or `token_expired` */
export function readToken(seal: Seal, token: string): Principal {
  const { payload, expiresAt } = openSealed(seal, 'token', token.slice(tokenPrefix.length), tokenClaims, {
    forged: ['invalid_credentials', 'The token is not one that this service made.'],
    expired: ['token_expired', 'The token is past its time; ask for a new one.'],
  });
  return { kind: 'token', ...payload, expiresAt };
}

/** Only root may name another: who has a name given by a token or an issuer cannot pass for someone else. */
function nameBearer(
  maker: Principal,
  { sub, tenant }: TokenCommand,
): { sub: string; tenant: string | undefined } {
  if (maker.kind === 'root') return { sub: sub ?? maker.sub, tenant: tenant ?? maker.tenant };
  if ((sub ?? maker.sub) === maker.sub && (tenant ?? maker.tenant) === maker.tenant) {
    return { sub: maker.sub, tenant: maker.tenant };
  }
  throw new StowageError('grant_exceeds_caller', 'The caller cannot make a token for another sub or tenant.');
}

function prefixFor({ prefix }: Grant, names: Names): string {
  const filled = fillPrefix(prefix, names);
  if (filled !== undefined) return filled;
  throw new StowageError(
    'invalid_request',
    `The prefix "${prefix}" needs a sub or a tenant that may stand in a key.`,
  );
}
