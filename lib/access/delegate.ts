import { StowageError } from '../errors.ts';
import { type Grant, isCovered, lackingDenials } from './grants.ts';
import { fillPrefix, type Names } from './prefix-template.ts';
import type { Principal } from './principal.ts';

/** What every way of giving rights on has in common: nobody gives what they do not have, or in another's name. */

/**
 * The names of whoever is given something. Root and API keys stand for servers, which act for many: they may name
 * anybody; a key that has a tenant, only within it. All others give in their own name alone.
 *
 * @throws StowageError `grant_exceeds_caller`
 */
export function nameBearer(
  maker: Principal,
  { sub = maker.sub, tenant = maker.tenant }: { sub?: string | undefined; tenant?: string | undefined },
): Names {
  const isServer = maker.kind === 'root' || maker.kind === 'key';
  const mayName = isServer || sub === maker.sub;
  const mayNameTenant = (isServer && maker.tenant === undefined) || tenant === maker.tenant;
  if (mayName && mayNameTenant) return { sub, tenant };
  throw new StowageError('grant_exceeds_caller', 'The caller cannot give anything to another sub or tenant.');
}

/**
 * The wanted grants with the names in their prefixes, and with what the maker is denied of them.
 *
 * @throws StowageError `grant_exceeds_caller` with each grant that the maker does not hold itself; `invalid_request`
 */
export function delegateGrants(maker: Principal, wanted: readonly Grant[], names: Names): readonly Grant[] {
  const filled = wanted.map((grant) => ({ ...grant, prefix: prefixFor(grant, names) }));
  const grants = [...filled, ...lackingDenials(filled, maker.grants)];
  demandCovered(maker, grants);
  return grants;
}

/** @throws StowageError `grant_exceeds_caller` with each grant that the caller does not hold itself */
export function demandCovered(caller: Principal, grants: readonly Grant[]): void {
  const errors = [
    ...grants.flatMap((grant, index) =>
      isCovered(grant, caller.grants)
        ? []
        : [{ path: `grants[${index}]`, message: 'is more than the caller may do' }],
    ),
    ...lackingDenials(grants, caller.grants).map(({ bucket, prefix }) => ({
      path: 'grants',
      message: `lack what denies the caller a part of ${bucket}/${prefix}`,
    })),
  ];
  if (errors.length === 0) return;
  throw new StowageError(
    'grant_exceeds_caller',
    'A delegated grant must lie within the grants of the caller.',
    {
      errors,
    },
  );
}

function prefixFor({ prefix }: Grant, names: Names): string {
  const filled = fillPrefix(prefix, names);
  if (filled !== undefined) return filled;
  throw new StowageError(
    'invalid_request',
    `The prefix "${prefix}" needs a sub or a tenant that may stand in a key.`,
  );
}
