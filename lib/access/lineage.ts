import * as v from 'valibot';
import type { Principal } from './principal.ts';

/** Where rights come from: what a token, or an upload that was begun, stands and falls with. */
export const lineageSchema = v.strictObject({
  /** The API key that is, or has made, the credential. */
  keyId: v.optional(v.string()),
  /** The token and those that it was made with, oldest first. */
  tokenIds: v.array(v.string()),
  tenant: v.optional(v.string()),
  /** Seconds since 1970. */
  issuedAtSeconds: v.number(),
});

export type Lineage = Readonly<v.InferOutput<typeof lineageSchema>>;

/** The lineage of what a caller makes now. */
export function lineageFor({ kind, sub, tenant, lineage }: Principal, now: Date, tokenId?: string): Lineage {
  const keyId = kind === 'key' ? sub : lineage?.keyId;
  return {
    ...(keyId !== undefined && { keyId }),
    tokenIds: [...(lineage?.tokenIds ?? []), ...(tokenId === undefined ? [] : [tokenId])],
    ...(tenant !== undefined && { tenant }),
    issuedAtSeconds: Math.floor(now.getTime() / 1000),
  };
}
