import type { Action, Grant } from '../../../lib/client/contract.ts';

/**
 * What the caller's grants allow, so that the console offers only what can succeed. The service decides again.
 */

/** May the caller do this to the keys that begin with `prefix`? */
export function may(grants: readonly Grant[], action: Action, bucket: string, prefix: string): boolean {
  const ofAction = grantsFor(grants, action, bucket);
  const isDenied = ofAction.some(
    ({ effect, prefix: denied = '' }) => effect === 'deny' && prefix.startsWith(denied),
  );
  return !isDenied && ofAction.some((grant) => isAllowing(grant) && prefix.startsWith(grant.prefix ?? ''));
}

/** May the caller administer anything at all? */
export function mayAdminister(grants: readonly Grant[]): boolean {
  return grants.some(({ actions }) => actions.includes('admin'));
}

/** Where the caller's part of a bucket begins: the first prefix that may be listed. */
export function startingPrefix(grants: readonly Grant[], bucket: string): string {
  const prefixes = grantsFor(grants, 'list', bucket)
    .filter(isAllowing)
    .map(({ prefix = '' }) => prefix);
  return prefixes.toSorted((a, b) => a.length - b.length)[0] ?? '';
}

function grantsFor(grants: readonly Grant[], action: Action, bucket: string): readonly Grant[] {
  return grants.filter(
    (grant) => grant.actions.includes(action) && (grant.bucket === '*' || grant.bucket === bucket),
  );
}

function isAllowing({ effect }: Grant): boolean {
  return effect !== 'deny';
}
