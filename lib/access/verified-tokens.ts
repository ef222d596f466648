import { hash } from 'node:crypto';
import type { Principal } from './principal.ts';

/**
 * Remembers whom a token stands for, so that the public-key arithmetic is done once and not for every request of a
 * session. Tokens themselves are not kept, only their SHA-256; nothing is believed for longer than
 * {@link maxAgeSeconds}, after which the signature is checked anew against the keys that the issuer has then.
 */
export interface VerifiedTokens {
  find: (token: string) => Principal | undefined;
  /** @param expiresAt - when the token itself ends */
  remember: (token: string, principal: Principal, expiresAt: Date) => void;
}

const maxAgeSeconds = 60;
/** About 10 MB. */
const maxEntries = 10_000;

export function verifiedTokens(now: () => Date): VerifiedTokens {
  const entries = new Map<string, { readonly principal: Principal; readonly until: number }>();
  return {
    find(token) {
      const digest = hash('sha256', token);
      const entry = entries.get(digest);
      if (!entry) return undefined;
      if (entry.until > now().getTime()) return entry.principal;
      entries.delete(digest);
      return undefined;
    },

    remember(token, principal, expiresAt) {
      if (entries.size >= maxEntries) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
      const until = Math.min(expiresAt.getTime(), now().getTime() + maxAgeSeconds * 1000);
      entries.set(hash('sha256', token), { principal, until });
    },
  };
}
