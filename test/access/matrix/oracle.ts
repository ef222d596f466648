/** A grant as a caller writes it, before names are filled in. */
export interface WrittenGrant {
  readonly effect?: 'allow' | 'deny';
  readonly bucket: string;
  readonly prefix?: string;
  readonly actions: readonly string[];
  readonly maxObjectBytes?: number;
  readonly contentTypes?: readonly string[];
}

/** What a request does. It reaches one key, or all that begin with it. */
export interface Deed {
  readonly action: string;
  readonly bucket: string;
  readonly key: string;
  readonly isBelow?: boolean;
  /** It is enough to hold the action anywhere. */
  readonly isAnywhere?: boolean;
  readonly sizeBytes?: number;
  readonly contentType?: string;
  /** Whose an id in the request is. */
  readonly owner?: string;
}

/**
 * What the design's sentences say, written down without a look at the implementation: a grant covers the keys of its
 * bucket (`*`: of every one) that begin with its prefix, in which the caller's names stand for `${sub}` and `${tenant}`;
 * one grant must allow the act as a whole; a denial of any part of it goes before; an id opens for its tenant alone.
 */
export function mayDo(
  grants: readonly WrittenGrant[],
  who: { sub: string; tenant: string },
  deed: Deed,
): boolean {
  const prefixOf = ({ prefix = '' }: WrittenGrant) =>
    prefix.replace('${sub}', who.sub).replace('${tenant}', who.tenant);
  const meets = (grant: WrittenGrant) =>
    grant.actions.includes(deed.action) && (grant.bucket === '*' || grant.bucket === deed.bucket);
  const types = ({ contentTypes = ['*/*'] }: WrittenGrant) =>
    contentTypes.some(
      (type) =>
        type === '*/*' ||
        type === deed.contentType ||
        (type.endsWith('/*') && deed.contentType?.startsWith(type.slice(0, -1))),
    );
  const denies = (grant: WrittenGrant) =>
    (meets(grant) || (deed.bucket === '*' && grant.actions.includes(deed.action))) &&
    (deed.key.startsWith(prefixOf(grant)) || (deed.isBelow === true && prefixOf(grant).startsWith(deed.key)));
  const allows = (grant: WrittenGrant) =>
    meets(grant) &&
    deed.key.startsWith(prefixOf(grant)) &&
    (deed.sizeBytes ?? 0) <= (grant.maxObjectBytes ?? Infinity) &&
    (deed.contentType === undefined || types(grant));
  if (deed.isAnywhere)
    return grants.some(({ effect, actions }) => effect !== 'deny' && actions.includes(deed.action));
  if (deed.owner !== undefined && deed.owner !== who.tenant) return false;
  return (
    !grants.some((grant) => grant.effect === 'deny' && denies(grant)) &&
    grants.some((grant) => grant.effect !== 'deny' && allows(grant))
  );
}
