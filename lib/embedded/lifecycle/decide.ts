import type { LifecycleRule, NoncurrentTransition, Transition } from '../../lifecycle/rule.ts';
import { depthOf, mayMove, type TransitionClass } from '../../lifecycle/storage-classes.ts';
import { dueAfterDays } from './days.ts';
import { type LifecycleVersion, matches } from './matching.ts';

/**
 * What the rules of a bucket make of one version.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html
 */

export type LifecycleAction =
  /** The current version ends: where versions are kept, under a delete marker. */
  | { readonly kind: 'expire' }
  /** The version, or the delete marker, goes for good. */
  | { readonly kind: 'remove' }
  | { readonly kind: 'move'; readonly storageClass: TransitionClass };

/** Where a version stands among those of its key. */
export type Place =
  | {
      readonly isLatest: true;
      /** Whether there is no other version of the key. */
      readonly isOnly: boolean;
    }
  | {
      readonly isLatest: false;
      /** When the next newer version took its place: milliseconds since 1970. */
      readonly since: number;
      /** How many non-current versions are newer; more than a hundred need not be counted. */
      readonly newerNoncurrent: number;
    };

export interface LifecycleTime {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly dayMilliseconds: number;
}

/** What holds for the bucket as a whole. */
export interface BucketLifecycle {
  readonly rules: readonly LifecycleRule[];
  /** Whether a current version that expires stays as a non-current one. */
  readonly keepsVersions: boolean;
  /** Whether small objects may at least go into an archive, where a rule says nothing of sizes. */
  readonly archivesSmallObjects: boolean;
}

/** Below this, S3 moves an object only where a rule speaks of sizes. */
const smallObjectBytes = 128 * 1024;

/** The action that is due for a version; what is removed for good needs none before. */
export function decide(
  bucket: BucketLifecycle,
  version: LifecycleVersion,
  place: Place,
  time: LifecycleTime,
): LifecycleAction | undefined {
  const rules = bucket.rules.filter((rule) => rule.enabled && matches(rule, version));
  if (rules.length === 0) return undefined;
  if (!place.isLatest) return decideNoncurrent(bucket, rules, version, place, time);
  if (version.isDeleteMarker) {
    return place.isOnly && rules.some((rule) => endsMarker(rule, version, time))
      ? { kind: 'remove' }
      : undefined;
  }
  const expires = rules.some((rule) => expiresCurrent(rule, version, time));
  if (expires && !bucket.keepsVersions) return { kind: 'expire' };
  // A move goes before a delete marker: this version will stay for a while.
  const steps = rules.flatMap((rule) =>
    rule.transitions
      .filter((step) => isTransitionDue(step, version.modifiedAt, time))
      .map((step) => ({ rule, step })),
  );
  return lowestMove(bucket, version, steps) ?? (expires ? { kind: 'expire' } : undefined);
}

function decideNoncurrent(
  bucket: BucketLifecycle,
  rules: readonly LifecycleRule[],
  version: LifecycleVersion,
  { since, newerNoncurrent }: Extract<Place, { isLatest: false }>,
  time: LifecycleTime,
): LifecycleAction | undefined {
  const isDue = ({ afterDays, keepNewest = 0 }: { afterDays: number; keepNewest?: number | undefined }) =>
    newerNoncurrent >= keepNewest && dueAfterDays(since, afterDays, time.dayMilliseconds) <= time.now;
  const expires = rules.some(({ noncurrentVersions: { expireAfterDays, keepNewest } = {} }) =>
    expireAfterDays === undefined ? false : isDue({ afterDays: expireAfterDays, keepNewest }),
  );
  if (expires && !isLocked(version, time.now)) return { kind: 'remove' };
  if (version.isDeleteMarker) return undefined;
  const steps = rules.flatMap((rule) =>
    (rule.noncurrentVersions?.transitions ?? []).filter(isDue).map((step) => ({ rule, step })),
  );
  return lowestMove(bucket, version, steps);
}

/** Whether a delete marker behind which nothing is left goes: by the rule for markers, or for its age. */
function endsMarker(rule: LifecycleRule, marker: LifecycleVersion, time: LifecycleTime): boolean {
  return rule.removeExpiredDeleteMarkers === true || expiresCurrent(rule, marker, time);
}

function expiresCurrent(rule: LifecycleRule, { modifiedAt }: LifecycleVersion, time: LifecycleTime): boolean {
  const { expireAfterDays, expireAt } = rule;
  if (expireAt !== undefined) return Date.parse(expireAt) <= time.now;
  return (
    expireAfterDays !== undefined &&
    dueAfterDays(modifiedAt, expireAfterDays, time.dayMilliseconds) <= time.now
  );
}

function isTransitionDue({ afterDays, at }: Transition, modifiedAt: number, time: LifecycleTime): boolean {
  if (at !== undefined) return Date.parse(at) <= time.now;
  return afterDays !== undefined && dueAfterDays(modifiedAt, afterDays, time.dayMilliseconds) <= time.now;
}

/** Of all classes that a version may move to now, the lowest: the cheapest to keep it in. */
function lowestMove(
  bucket: BucketLifecycle,
  version: LifecycleVersion,
  steps: readonly { readonly rule: LifecycleRule; readonly step: Transition | NoncurrentTransition }[],
): LifecycleAction | undefined {
  const [lowest] = steps
    .filter(({ rule, step }) => isWorthMoving(bucket, rule, version, step.storageClass))
    .map(({ step }) => step.storageClass)
    .filter((storageClass) => mayMove(version.storageClass, storageClass))
    .toSorted((a, b) => depthOf(b) - depthOf(a));
  return lowest && { kind: 'move', storageClass: lowest };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html */
function isWorthMoving(
  { archivesSmallObjects }: BucketLifecycle,
  { sizeGreaterThanBytes, sizeLessThanBytes }: LifecycleRule,
  { sizeBytes }: LifecycleVersion,
  storageClass: TransitionClass,
): boolean {
  if (sizeBytes >= smallObjectBytes) return true;
  if (sizeGreaterThanBytes !== undefined || sizeLessThanBytes !== undefined) return true;
  return archivesSmallObjects && (storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE');
}

function isLocked({ lock }: LifecycleVersion, now: number): boolean {
  return lock?.legalHold === true || (lock?.retention !== undefined && lock.retention.until > now);
}
