import type { Principal } from './principal.ts';

/**
 * How long an address may work that a caller asks for. What a key or a token has made ends with it at the latest; a
 * person's sign-in, which is renewed again and again, is no such end.
 *
 * @returns whole seconds, at least 1
 */
export function lifetimeFor({ kind, expiresAt }: Principal, wantedSeconds: number, now: Date): number {
  if (expiresAt === undefined || (kind !== 'token' && kind !== 'key')) return wantedSeconds;
  const leftSeconds = Math.floor((expiresAt.getTime() - now.getTime()) / 1000);
  return Math.max(1, Math.min(wantedSeconds, leftSeconds));
}
