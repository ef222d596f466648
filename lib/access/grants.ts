import type { ErrorCode } from '../errors.ts';
import { isReserved, reservedPrefix } from './object-key.ts';

/**
 * Grants: what a principal may do where. All of it is pure, and whatever no grant allows is refused.
 */

export const actions = ['read', 'write', 'delete', 'list', 'admin'] as const;

export type Action = (typeof actions)[number];

/** Permission for some actions on the keys of a bucket that begin with a prefix; or, as a denial, the lack of it. */
export interface Grant {
  /** A denial goes before whatever allows the same, and has no limits of size or type. Default: `allow`. */
  readonly effect?: 'allow' | 'deny' | undefined;
  /** A bucket's name, or `*` for all. */
  readonly bucket: string;
  readonly prefix: string;
  readonly actions: readonly Action[];
  /** Largest object that may be written. Default: the bucket's own limit. */
  readonly maxObjectBytes?: number | undefined;
  /** Types that may be written, such as `image/*`. Default: the bucket's own. */
  readonly contentTypes?: readonly string[] | undefined;
}

export const everything: Grant = { bucket: '*', prefix: '', actions };

/** What a caller is about to do. `key` is a prefix for `list`. */
export interface Act {
  readonly action: Action;
  readonly bucket: string;
  readonly key: string;
  /** Of the act: the key alone, or all that begin with it. Default: all, to list and to administrate; else the key. */
  readonly extent?: 'key' | 'below';
  readonly sizeBytes?: number;
  readonly contentType?: string;
}

/** Why an act is refused. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** The grant that allows an act as a whole, or the rule that refuses it. */
export type Decision = { readonly grant: Grant } | { readonly refusal: Refusal };

export function decide(grants: readonly Grant[], act: Act): Decision {
  const denial = grants.find((grant) => isDenial(grant) && cutsInto(grant, act));
  if (denial) {
    const { bucket, prefix } = denial;
    return refuse('access_denied', `A grant denies ${act.action} on ${bucket}/${prefix}.`);
  }
  const reaching = grants.filter((grant) => !isDenial(grant) && reaches(grant, act));
  if (reaching.length === 0) {
    return refuse('access_denied', `No grant allows ${act.action} on ${act.bucket}/${act.key}.`);
  }
  if (meetsReserved(act)) {
    const asAdmin = decide(grants, { action: 'admin', bucket: act.bucket, key: act.key });
    if ('refusal' in asAdmin) {
      return refuse(
        'access_denied',
        `Keys under "${reservedPrefix}" are the service's own: they take admin.`,
      );
    }
  }
  const { sizeBytes, contentType } = act;
  const fitting = reaching.filter((grant) => sizeBytes === undefined || sizeBytes <= limitOf(grant));
  if (fitting.length === 0) {
    const most = Math.max(...reaching.map(limitOf));
    return refuse('object_too_large', `The caller's grants allow at most ${most} bytes for this key.`);
  }
  const grant = fitting.find(
    ({ contentTypes }) => contentType === undefined || allowsType(contentTypes, contentType),
  );
  if (grant) return { grant };
  return refuse('content_type_not_allowed', `The caller's grants do not allow ${contentType} for this key.`);
}

/** A listing leaves out the service's own keys by itself, where they are not what is asked for. */
function meetsReserved({ action, key, extent }: Act): boolean {
  if (action === 'admin') return false;
  return isReserved(key) || (action !== 'list' && extent === 'below' && reservedPrefix.startsWith(key));
}

/** `undefined` when one of the grants allows the act as a whole; else the rule that refuses. */
export function refusalOf(grants: readonly Grant[], act: Act): Refusal | undefined {
  const decision = decide(grants, act);
  return 'refusal' in decision ? decision.refusal : undefined;
}

function refuse(code: ErrorCode, detail: string): Decision {
  return { refusal: { code, detail } };
}

/** Does a type match one of the patterns? No patterns: any type does. */
export function allowsType(patterns: readonly string[] | undefined, contentType: string): boolean {
  return patterns?.some((pattern) => patternCovers(pattern, mediaType(contentType))) ?? true;
}

/** Does one of the grants allow the action anywhere? Denials are not asked. */
export function allowsAnywhere(grants: readonly Grant[], action: Action): boolean {
  return grants.some((grant) => !isDenial(grant) && grant.actions.includes(action));
}

/** Does one of the grants allow anything in the bucket? Denials are not asked. */
export function reachesBucket(grants: readonly Grant[], bucket: string): boolean {
  return grants.some((grant) => !isDenial(grant) && bucketsMeet(grant.bucket, bucket));
}

/**
 * Is there nothing that the wanted grant allows and the held grants, but for their denials, do not? Whoever gives it on
 * adds the {@link lackingDenials}.
 */
export function isCovered(wanted: Grant, held: readonly Grant[]): boolean {
  if (isDenial(wanted)) return true;
  return wanted.actions.every((action) =>
    held.some(
      (grant) =>
        !isDenial(grant) &&
        reaches(grant, { action, bucket: wanted.bucket, key: wanted.prefix }) &&
        limitOf(wanted) <= limitOf(grant) &&
        typesCovered(wanted.contentTypes, grant.contentTypes),
    ),
  );
}

/** The held denials that cut into what the wanted grants allow, and that none of their own denials contains. */
export function lackingDenials(wanted: readonly Grant[], held: readonly Grant[]): readonly Grant[] {
  const own = wanted.filter(isDenial);
  const meets = (denial: Grant) => (grant: Grant) =>
    !isDenial(grant) &&
    grant.actions.some((action) =>
      cutsInto(denial, { action, bucket: grant.bucket, key: grant.prefix, extent: 'below' }),
    );
  const isContained = (denial: Grant) =>
    denial.actions.every((action) =>
      own.some((one) => reaches(one, { action, bucket: denial.bucket, key: denial.prefix })),
    );
  return held.filter((denial) => isDenial(denial) && wanted.some(meets(denial)) && !isContained(denial));
}

function isDenial({ effect }: Grant): boolean {
  return effect === 'deny';
}

/** Does the grant speak of the act as a whole? */
function reaches(grant: Grant, { action, bucket, key }: Act): boolean {
  return (
    grant.actions.includes(action) &&
    (grant.bucket === '*' || grant.bucket === bucket) &&
    key.startsWith(grant.prefix)
  );
}

/** Does a denial speak of a part of the act? Of what reaches all keys below a prefix, a denial of some refuses it. */
function cutsInto(
  denial: Grant,
  { action, bucket, key, extent = action === 'list' || action === 'admin' ? 'below' : 'key' }: Act,
): boolean {
  return (
    denial.actions.includes(action) &&
    bucketsMeet(denial.bucket, bucket) &&
    (key.startsWith(denial.prefix) || (extent === 'below' && denial.prefix.startsWith(key)))
  );
}

function bucketsMeet(one: string, other: string): boolean {
  return one === '*' || other === '*' || one === other;
}

function limitOf({ maxObjectBytes }: Grant): number {
  return maxObjectBytes ?? Infinity;
}

function typesCovered(wanted: readonly string[] | undefined, held: readonly string[] | undefined): boolean {
  if (held === undefined) return true;
  return (wanted ?? ['*/*']).every((type) => held.some((pattern) => patternCovers(pattern, type)));
}

/** `image/*` covers `image/png` and `image/*`; `*` + `/*` covers all. */
function patternCovers(pattern: string, type: string): boolean {
  return (
    pattern === '*/*' || pattern === type || (pattern.endsWith('/*') && type.startsWith(pattern.slice(0, -1)))
  );
}

/** The type without its parameters: `text/html; charset=utf-8` is `text/html`. */
function mediaType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}
