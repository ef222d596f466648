import { StowageError } from '../errors.ts';
import { type Act, type Grant, refusalOf } from './grants.ts';
import type { Lineage } from './lineage.ts';

/**
 * By what a caller is known: the root key, an API key, a delegated token, an OpenID provider's access token, or a
 * certificate.
 */
export const principalKinds = ['root', 'key', 'token', 'oidc', 'certificate'] as const;

/** Who calls. */
export interface Principal {
  readonly kind: (typeof principalKinds)[number];
  /** The caller's name, as in a token's `sub`; the id of an API key. */
  readonly sub: string;
  readonly tenant?: string | undefined;
  readonly grants: readonly Grant[];
  /** Where the rights of a delegated token come from, or of an API key that a key or a token has made. */
  readonly lineage?: Lineage;
  /** Is this a token for a single upload or download? */
  readonly singleUse?: boolean | undefined;
  /** When the credentials end, if they do. */
  readonly expiresAt?: Date;
}

/**
 * Lets an act pass, or throws.
 *
 * @throws {@link StowageError} `access_denied`, `object_too_large` or `content_type_not_allowed`
 */
export function authorize(principal: Principal, act: Act): void {
  const refusal = refusalOf(principal.grants, act);
  if (refusal) throw new StowageError(refusal.code, refusal.detail);
}

/**
 * When all ends that a caller makes, since its own rights end then; absent where they last. A person's sign-in is
 * renewed all the time, and so sets no end.
 */
export function endOfRights({ kind, expiresAt }: Principal): Date | undefined {
  return kind === 'token' || kind === 'key' ? expiresAt : undefined;
}

/** How many of the wanted seconds an address may count that a caller has signed: at least one. */
export function lifetimeWithinRights(principal: Principal, wantedSeconds: number, now: Date): number {
  const leftSeconds = ((endOfRights(principal)?.getTime() ?? Infinity) - now.getTime()) / 1000;
  return Math.max(1, Math.min(wantedSeconds, Math.floor(leftSeconds)));
}
