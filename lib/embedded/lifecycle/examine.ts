import { endOfPrefix } from '../../sqlite/prefix-end.ts';
import type { Services } from '../call.ts';
import type { Bucket } from '../index/buckets.ts';
import type { StoredObject } from '../index/objects.ts';
import {
  type BucketLifecycle,
  decide,
  type LifecycleAction,
  type LifecycleTime,
  type Place,
} from './decide.ts';

/** Where a look through the versions of a bucket goes on. */
export interface VersionCursor {
  /** With a sequence: behind that version. Else from this key on. */
  readonly key: string;
  readonly sequence?: number;
}

/** A version that something is due for. */
export interface DueVersion {
  readonly version: StoredObject;
  readonly action: LifecycleAction;
  /** How many versions had been looked at then, this one among them. */
  readonly examined: number;
}

export interface Examination {
  readonly due: readonly DueVersion[];
  readonly examined: number;
  /** Absent at the end of the bucket. */
  readonly next?: VersionCursor;
}

/** What is looked at, and changed, without a pause: less than a millisecond, of which a request meets several. */
const limits = { examined: 25, due: 10 };
/** More newer versions than any rule can ask to keep. */
const mostCounted = 101;

/** Looks at the next versions of a bucket, as far as they begin with the prefix of a rule. Changes nothing. */
export function examine(
  { index }: Pick<Services, 'index'>,
  bucket: Bucket,
  lifecycle: BucketLifecycle,
  start: VersionCursor,
  time: LifecycleTime,
): Examination {
  const prefixes = prefixesOf(lifecycle);
  const due: DueVersion[] = [];
  let examined = 0;

  for (let cursor: VersionCursor | undefined = start; cursor;) {
    const range = nextRange(prefixes, cursor);
    if (!range) break;
    const { prefix, at } = range;
    const { key, sequence } = at;
    const versions: Iterable<StoredObject> =
      sequence === undefined
        ? index.versions.from(bucket.id, key)
        : index.versions.behind(bucket.id, key, sequence);
    let newer: StoredObject | undefined;
    let place: Place | undefined;
    for (const version of versions) {
      if (!version.key.startsWith(prefix)) break;
      place = newer?.key === version.key && place ? placeBehind(newer, place) : placeOf(version, at);
      newer = version;
      examined += 1;
      const action = decide(lifecycle, version, place, time);
      if (action) due.push({ version, action, examined });
      if (examined === limits.examined || due.length === limits.due) {
        return { due, examined, next: { key: version.key, sequence: version.sequence } };
      }
    }
    const end = endOfPrefix(prefix);
    cursor = end === undefined ? undefined : { key: end };
  }
  return { due, examined };

  /** The place of the first version that is met of a key. */
  function placeOf({ key, sequence, isDeleteMarker }: StoredObject, at: VersionCursor): Place {
    // Only amid a key can there be newer ones.
    const times = at.sequence !== undefined && at.key === key ? newerTimes(key, sequence) : [];
    const [since] = times;
    if (since !== undefined) return { isLatest: false, since, newerNoncurrent: times.length - 1 };
    // It is of interest for markers alone.
    const isOnly = isDeleteMarker && !index.versions.hasOlder(bucket.id, key, sequence);
    return { isLatest: true, isOnly };
  }

  function newerTimes(key: string, sequence: number): number[] {
    return index.versions.newerTimes(bucket.id, key, sequence, mostCounted);
  }
}

function placeBehind(newer: StoredObject, place: Place): Place {
  return {
    isLatest: false,
    since: newer.modifiedAt,
    newerNoncurrent: place.isLatest ? 0 : place.newerNoncurrent + 1,
  };
}

/** The prefixes of all rules for versions, in the order of keys, without those that another one covers. */
function prefixesOf({ rules }: BucketLifecycle): string[] {
  const prefixes = rules.filter((rule) => rule.enabled && concernsVersions(rule)).map(({ prefix }) => prefix);
  return [...new Set(prefixes)]
    .filter((prefix, _, all) => !all.some((other) => other !== prefix && prefix.startsWith(other)))
    .toSorted(compareKeys);
}

function concernsVersions(rule: BucketLifecycle['rules'][number]): boolean {
  return (
    rule.expireAfterDays !== undefined ||
    rule.expireAt !== undefined ||
    rule.removeExpiredDeleteMarkers === true ||
    rule.noncurrentVersions !== undefined ||
    rule.transitions.length > 0
  );
}

/** The range of keys that a cursor is in, or the next one. */
function nextRange(
  prefixes: readonly string[],
  at: VersionCursor,
): { prefix: string; at: VersionCursor } | undefined {
  const around = prefixes.find((prefix) => at.key.startsWith(prefix));
  if (around !== undefined) return { prefix: around, at };
  const prefix = prefixes.find((prefix) => compareKeys(prefix, at.key) > 0);
  return prefix === undefined ? undefined : { prefix, at: { key: prefix } };
}

function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
