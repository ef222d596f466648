import { randomBytes } from 'node:crypto';
import { delegateGrants, nameBearer } from './delegate.ts';
import type { Grant } from './grants.ts';
import { type Lineage, lineageFor } from './lineage.ts';
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
  /** Tells tokens apart, also to those who may not see the token itself. */
  readonly tokenId: string;
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
  const names = nameBearer(maker, command);
  const grants = delegateGrants(maker, command.grants, names);
  const wanted = new Date((Math.floor(now.getTime() / 1000) + command.expiresInSeconds) * 1000);
  const expiresAt = maker.expiresAt && maker.expiresAt < wanted ? maker.expiresAt : wanted;
  // With a dash at its front it would be an option on a command line.
  const tokenId = randomBytes(12).toString('base64url').replace(/^-/, '_');
  const lineage = lineageFor({ ...maker, tenant: names.tenant }, now, tokenId);
  const token =
    tokenPrefix +
    seal.seal(
      'token',
      { ...names, grants, lineage, ...(command.singleUse && { singleUse: true }) },
      expiresAt,
    );
  return { tokenId, token, expiresAt, grants };
}

/** Whoever presents a delegated token. */
export type TokenBearer = Principal & { readonly lineage: Lineage };

/** @throws {@link StowageError} `invalid_credentials` or `token_expired` */
export function readToken(seal: Seal, token: string): TokenBearer {
  const { payload, expiresAt } = openSealed(seal, 'token', token.slice(tokenPrefix.length), tokenClaims, {
    forged: ['invalid_credentials', 'The token is not one that this service made.'],
    expired: ['token_expired', 'The token is past its time; ask for a new one.'],
  });
  return { kind: 'token', ...payload, expiresAt };
}
