import type { Services } from '../call.ts';
import type { Bucket } from '../index/buckets.ts';
import type { FreedContent } from '../index/contents.ts';
import type { Upload } from '../index/uploads.ts';
import { lifecycleOf } from './bucket-rules.ts';
import type { LifecycleTime } from './decide.ts';
import { dueAfterDays } from './days.ts';
import { type Examination, examine, type VersionCursor } from './examine.ts';
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
  readonly next: PassPosition | undefined;
  readonly examined: number;
  readonly bucket?: Bucket;
  readonly due?: Examination['due'];
  readonly uploads?: readonly Upload[];
}

export const newPass: Pass = {
  at: { bucketId: 0 },
  report: { examined: 0, expired: 0, removed: 0, moved: 0, aborted: 0 },
};

const uploadsPerStep = 25;

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
  const look = () =>
    outlook(services, at, { now: services.now().getTime(), dayMilliseconds: services.dayMilliseconds });
  const seen = look();
  if (!seen.due?.length && !seen.uploads?.length) {
    return { at: seen.next, report: { ...report, examined: report.examined + seen.examined } };
  }
  const { pass, freed } = await services.index.commit(() => {
    const due = look();
    const freed = act(services, due);
    const pass = { at: due.next, report: withOutlook(report, due) };
    record(pass);
    return { pass, freed };
  });
  for (const content of freed) await services.blobs.free(content);
  return pass;
}

function outlook(services: Context, at: PassPosition, time: LifecycleTime): Outlook {
  const { index } = services;
  const bucket = index.buckets.from(at.bucketId);
  if (!bucket) return { next: undefined, examined: 0 };
  const { id } = bucket;
  const behind: PassPosition = { bucketId: id + 1 };
  const lifecycle = lifecycleOf(services, bucket);
  if (!lifecycle) return { next: behind, examined: 0 };
  const position = id === at.bucketId ? at : { bucketId: id };

  if (!position.uploads) {
    const { due, examined, next } = examine(
      services,
      bucket,
      lifecycle,
      position.versions ?? { key: '' },
      time,
    );
    const uploads = { key: '', id: '' };
    return { bucket, due, examined, next: { bucketId: id, ...(next ? { versions: next } : { uploads }) } };
  }
  const aborting = lifecycle.rules.filter((rule) => rule.enabled && rule.abortUploadsAfterDays !== undefined);
  if (aborting.length === 0) return { next: behind, examined: 0 };
  const uploads: Upload[] = [];
  let examined = 0;
  for (const upload of index.uploads.after(id, position.uploads.key, position.uploads.id)) {
    examined += 1;
    const isDue = aborting.some(
      ({ prefix, abortUploadsAfterDays: days = Infinity }) =>
        upload.key.startsWith(prefix) &&
        dueAfterDays(upload.initiatedAt, days, time.dayMilliseconds) <= time.now,
    );
    if (isDue) uploads.push(upload);
    if (examined === uploadsPerStep) {
      return {
        bucket,
        uploads,
        examined,
        next: { bucketId: id, uploads: { key: upload.key, id: upload.id } },
      };
    }
  }
  return { bucket, uploads, examined, next: behind };
}

function act(services: Context, { bucket, due = [], uploads = [] }: Outlook): (FreedContent | undefined)[] {
  if (!bucket) return [];
  const { index } = services;
  return [
    ...due.map((it) => perform(services, bucket, it)),
    ...uploads.map(({ key, id, contentId }) => {
      index.uploads.remove(bucket.id, key, id);
      return index.contents.free(contentId);
    }),
  ];
}

function withOutlook(
  report: LifecycleReport,
  { due = [], uploads = [], examined }: Outlook,
): LifecycleReport {
  const count = (kind: string) => due.filter(({ action }) => action.kind === kind).length;
  return {
    examined: report.examined + examined,
    expired: report.expired + count('expire'),
    removed: report.removed + count('remove'),
    moved: report.moved + count('move'),
    aborted: report.aborted + uploads.length,
  };
}
