import * as v from 'valibot';
import type { Principal } from './principal.ts';

const link = v.union([
  /** An API key, and when it acted, in seconds since 1970: what it made before a time may have ended with that time. */
  v.strictObject({ keyId: v.string(), atSeconds: v.number() }),
  v.strictObject({ tokenId: v.string() }),
]);

/** Where rights come from: what a token, a key or an upload that was begun stands and falls with. */
export const lineageSchema = v.strictObject({
  /** The keys and tokens by which it was made, each by the one before it; of a token, the last one is itself. */
  links: v.array(link),
  tenant: v.optional(v.string()),
});

export type Lineage = Readonly<v.InferOutput<typeof lineageSchema>>;

type Link = Lineage['links'][number];

/** The lineage of what a caller makes now. @param tokenId - of what is made, where that is a token */
export function lineageFor({ kind, sub, tenant, lineage }: Principal, now: Date, tokenId?: string): Lineage {
  const atSeconds = Math.floor(now.getTime() / 1000);
  const makers = lineage?.links ?? [];
  const fixed = endOfTokens(makers);
  return {
    links: [
      ...makers.slice(0, fixed),
      // A key that keys have made acts for as long as they may act, and so they act with it.
      ...makers.slice(fixed).map((maker) => ({ ...maker, atSeconds })),
      ...(kind === 'key' ? [{ keyId: sub, atSeconds }] : []),
      ...(tokenId === undefined ? [] : [{ tokenId }]),
    ],
    ...(tenant !== undefined && { tenant }),
  };
}

/**
 * What must not have been revoked for somebody to be let in: all up to the last token, which is themselves where they
 * come with one. Keys behind it are known by their records, whether they are enabled.
 *
 * @returns undefined where no token is in it
 */
export function upToToken(lineage: Lineage | undefined): Lineage | undefined {
  const end = endOfTokens(lineage?.links ?? []);
  return lineage && end > 0 ? { ...lineage, links: lineage.links.slice(0, end) } : undefined;
}

/** The keys by which a key was made, without a token between. */
export function makersOf(lineage: Lineage | undefined): readonly string[] {
  const links = lineage?.links ?? [];
  return keyIdsOf({ links: links.slice(endOfTokens(links)) });
}

export function keyIdsOf({ links }: Pick<Lineage, 'links'>): readonly string[] {
  return links.flatMap((one) => ('keyId' in one ? [one.keyId] : []));
}

/** The youngest token: of somebody who comes with a token, that one. */
export function tokenIdOf(lineage: Lineage | undefined): string | undefined {
  return lineage?.links.flatMap((one) => ('tokenId' in one ? [one.tokenId] : [])).at(-1);
}

function endOfTokens(links: readonly Link[]): number {
  return links.findLastIndex((one) => 'tokenId' in one) + 1;
}
