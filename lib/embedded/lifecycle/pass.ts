import type { Services } from '../call.ts';
import type { Bucket } from '../index/buckets.ts';
import type { FreedContent } from '../index/contents.ts';
import { lifecycleOf } from './bucket-rules.ts';
import type { BucketLifecycle, LifecycleTime } from './decide.ts';
import { dueAfterDays } from './days.ts';
import { examine, type VersionCursor } from './examine.ts';
import { perform } from './perform.ts';

/** What the lifecycle has done in one pass over all buckets. */
export interface LifecycleReport {
  /** Versions and uploads that a rule might have spoken of. */
  readonly examined: number;
  /** Current versions that ended, under a delete marker where versions are kept. */
  readonly expired: number;
  /** Non-current versions and delete markers that went for good. */
  readonly removed: number;
  /** Versions that went to another storage class. */
  readonly moved: number;
  /** Unfinished uploads that were aborted. */
  readonly aborted: number;
}

/** Where a pass goes on, after a restart too. */
export interface PassPosition {
  readonly bucketId: number;
  readonly versions?: VersionCursor;
  /** Uploads come when all versions are done: from the first behind this one. */
  readonly uploads?: { readonly key: string; readonly id: string };
}

export interface Pass {
  /** Absent at the end. */
  readonly at?: PassPosition | undefined;
  readonly report: LifecycleReport;
}

type Context = Pick<Services, 'index' | 'blobs' | 'now' | 'dayMilliseconds'>;

/** What is due at a position. */
interface Outlook {
  readonly changes: readonly Change[];
  /** Where it goes on when all of that is done. */
  readonly next: PassPosition | undefined;
  readonly examined: number;
}

interface Change {
  readonly kind: Exclude<keyof LifecycleReport, 'examined'>;
  readonly make: () => FreedContent | undefined;
  /** Where it goes on behind this one, and how many had been examined by then. */
  readonly behind: PassPosition;
  readonly examined: number;
}

export const newPass: Pass = {
  at: { bucketId: 0 },
  report: { examined: 0, expired: 0, removed: 0, moved: 0, aborted: 0 },
};

const uploadsPerStep = 100;
/** After so much time a transaction takes no further change: others wait for it. */
const busyMilliseconds = 5;
const kinds = { expire: 'expired', remove: 'removed', move: 'moved' } as const;

/**
 * Takes a pass one step further: looks at a few versions or uploads, and where something is due, looks again inside of
 * the transaction that does it. What others have changed meanwhile is thus never taken for what it was.
 *
 * @param record - writes down how far the pass has come, in the same transaction
 */
export async function takeStep(
  services: Context,
  { at, report }: Pass,
  record: (pass: Pass) => void,
): Promise<Pass> {
  if (!at) return { report };
  const look = () => outlook(services, at);
  const seen = look();
  if (seen.changes.length === 0) {
    return { at: seen.next, report: { ...report, examined: report.examined + seen.examined } };
  }
  const { pass, freed } = await services.index.commit(() => {
    const done = makeChanges(look(), report);
    record(done.pass);
    return done;
  });
  for (const content of freed) services.blobs.free(content);
  // A pass frees faster than a disk lets go of files.
  await services.blobs.settled();
  return pass;
}

/** Makes the changes, or the first ones where they take long. */
function makeChanges(
  { changes, next, examined }: Outlook,
  report: LifecycleReport,
): { pass: Pass; freed: (FreedContent | undefined)[] } {
  const startedAt = performance.now();
  const counts = { ...report };
  const freed: (FreedContent | undefined)[] = [];
  for (const change of changes) {
    freed.push(change.make());
    counts[change.kind] += 1;
    if (performance.now() - startedAt < busyMilliseconds) continue;
    counts.examined += change.examined;
    return { pass: { at: change.behind, report: counts }, freed };
  }
  counts.examined += examined;
  return { pass: { at: next, report: counts }, freed };
}

function outlook(services: Context, at: PassPosition): Outlook {
  const { index, now, dayMilliseconds } = services;
  const bucket = index.buckets.from(at.bucketId);
  if (!bucket) return { changes: [], next: undefined, examined: 0 };
  const lifecycle = lifecycleOf(services, bucket);
  if (!lifecycle) return { changes: [], next: { bucketId: bucket.id + 1 }, examined: 0 };
  const time = { now: now().getTime(), dayMilliseconds };
  const position = bucket.id === at.bucketId ? at : { bucketId: bucket.id };
  return position.uploads
    ? uploadOutlook(services, bucket, lifecycle, position.uploads, time)
    : versionOutlook(services, bucket, lifecycle, position.versions ?? { key: '' }, time);
}

function versionOutlook(
  services: Context,
  bucket: Bucket,
  lifecycle: BucketLifecycle,
  cursor: VersionCursor,
  time: LifecycleTime,
): Outlook {
  const bucketId = bucket.id;
  const { due, examined, next } = examine(services, bucket, lifecycle, cursor, time);
  return {
    changes: due.map(({ examined, ...it }) => ({
      kind: kinds[it.action.kind],
      make: () => perform(services, bucket, it),
      behind: { bucketId, versions: { key: it.version.key, sequence: it.version.sequence } },
      examined,
    })),
    next: { bucketId, ...(next ? { versions: next } : { uploads: { key: '', id: '' } }) },
    examined,
  };
}

function uploadOutlook(
  { index }: Context,
  bucket: Bucket,
  { rules }: BucketLifecycle,
  cursor: { readonly key: string; readonly id: string },
  { now, dayMilliseconds }: LifecycleTime,
): Outlook {
  const bucketId = bucket.id;
  const aborting = rules.filter((rule) => rule.enabled && rule.abortUploadsAfterDays !== undefined);
  const changes: Change[] = [];
  let examined = 0;
  if (aborting.length === 0) return { changes, next: { bucketId: bucketId + 1 }, examined };
  for (const { key, id, contentId, initiatedAt } of index.uploads.after(bucketId, cursor.key, cursor.id)) {
    examined += 1;
    const behind: PassPosition = { bucketId, uploads: { key, id } };
    const isDue = aborting.some(
      ({ prefix, abortUploadsAfterDays: days = Infinity }) =>
        key.startsWith(prefix) && dueAfterDays(initiatedAt, days, dayMilliseconds) <= now,
    );
    const make = () => {
      index.uploads.remove(bucketId, key, id);
      return index.contents.free(contentId);
    };
    if (isDue) changes.push({ kind: 'aborted', make, behind, examined });
    if (examined === uploadsPerStep) return { changes, next: behind, examined };
  }
  return { changes, next: { bucketId: bucketId + 1 }, examined };
}
