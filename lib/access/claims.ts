import * as v from 'valibot';
import type { GrantRule } from '../config/access.ts';
import { StowageError } from '../errors.ts';
import { grantSchema } from './grant-schema.ts';
import type { Grant } from './grants.ts';
import { fillPrefix, type Names, prefixName } from './prefix-template.ts';

/** From what a trusted party says of somebody to who that is here and what they may do. All of it is pure. */

/** What a token or a certificate says of its holder, by name. */
export type Claims = Readonly<Record<string, unknown>>;

export interface ClaimRules {
  /** Default: callers have no tenant. */
  readonly tenantClaim?: string | undefined;
  /** Default: no claim gives grants. */
  readonly grantsClaim?: string | undefined;
  readonly grants: readonly GrantRule[];
}

/** Any name that fits into a log line; a stricter one is needed only where it becomes a part of a prefix. */
const subject = v.pipe(v.string(), v.regex(/^\P{C}{1,255}$/u));
const grantList = v.array(grantSchema);

/**
 * Names a caller and gives it the grants that its claims and the rules say.
 *
 * @param sub - the caller's name
 * @throws StowageError `invalid_credentials`, when a name cannot be used, the tenant is missing, or a grant is not valid
 */
export function principalOfClaims(
  sub: unknown,
  claims: Claims,
  rules: ClaimRules,
): Names & { readonly grants: readonly Grant[] } {
  if (!v.is(subject, sub)) {
    throw refusal('The name of the caller must be 1 to 255 characters without control characters.');
  }
  const names = { sub, tenant: tenantOf(claims, rules) };
  const wanted = [...claimedGrants(claims, rules), ...rules.grants.filter((rule) => applies(rule, claims))];
  return { ...names, grants: wanted.map((grant) => give(grant, names)) };
}

function tenantOf(claims: Claims, { tenantClaim }: ClaimRules): string | undefined {
  if (tenantClaim === undefined) return undefined;
  const tenant = valueOf(claims, tenantClaim);
  if (v.is(prefixName, tenant)) return tenant;
  throw refusal(`The claim "${tenantClaim}" must name the tenant, without "/" and control characters.`);
}

function claimedGrants(claims: Claims, { grantsClaim }: ClaimRules): readonly Grant[] {
  const value = grantsClaim === undefined ? undefined : valueOf(claims, grantsClaim);
  if (value === undefined) return [];
  const { success, output } = v.safeParse(grantList, value);
  if (success) return output;
  throw refusal(`The claim "${grantsClaim}" is not a list of grants.`);
}

function applies({ when }: GrantRule, claims: Claims): boolean {
  return Object.entries(when).every(([name, wanted]) => {
    const value = valueOf(claims, name);
    return value === wanted || (Array.isArray(value) && value.includes(wanted));
  });
}

/** The grant alone, without the rule's condition, and with the names in its prefix. */
function give({ effect, bucket, prefix, actions, maxObjectBytes, contentTypes }: Grant, names: Names): Grant {
  const filled = fillPrefix(prefix, names);
  if (filled === undefined) {
    throw refusal(`The caller has no names that may stand in the prefix "${prefix}".`);
  }
  return {
    ...(effect && { effect }),
    bucket,
    prefix: filled,
    actions,
    ...(maxObjectBytes !== undefined && { maxObjectBytes }),
    ...(contentTypes && { contentTypes }),
  };
}

/** A claim's own value: never what an object inherits. */
function valueOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

function refusal(detail: string): StowageError {
  return new StowageError('invalid_credentials', detail);
}
