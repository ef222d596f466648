import type { Services } from '../call.ts';
import { recordEvent } from '../events.ts';
import type { RestoredVersion } from '../index/restores.ts';
import { changeVersion } from '../versions.ts';
import { dueAfterDays } from './days.ts';
import { ownCause } from './perform.ts';

type Context = Pick<Services, 'index' | 'now' | 'dayMilliseconds'>;

const perCommit = 25;

/** Brings restored copies that are due, and takes those away whose time is over; each with its event. */
export async function settleRestores(services: Context): Promise<void> {
  const { index, now } = services;
  while (index.restores.due(now().getTime(), 1).length > 0) {
    await index.commit(() => {
      for (const restored of index.restores.due(now().getTime(), perCommit)) settle(services, restored);
    });
  }
}

function settle(services: Context, { bucketId, version }: RestoredVersion): void {
  const bucket = services.index.buckets.from(bucketId);
  const { restore, ...archived } = version;
  if (!bucket || !restore) return;
  const cause = ownCause();
  if (restore.days === undefined) {
    changeVersion(services, bucket, archived);
    recordEvent(services, { type: 'Object Restore Expired', bucket, version: archived, cause });
    return;
  }
  const dueAt = dueAfterDays(services.now().getTime(), restore.days, services.dayMilliseconds);
  const restored = { ...archived, restore: { dueAt } };
  changeVersion(services, bucket, restored);
  recordEvent(services, {
    type: 'Object Restore Completed',
    bucket,
    version: restored,
    cause,
    storageClass: { 'source-storage-class': version.storageClass },
    restoredUntil: dueAt,
  });
}
