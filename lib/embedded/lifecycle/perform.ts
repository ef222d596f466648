import type { Services } from '../call.ts';
import { type Cause, recordEvent } from '../events.ts';
import type { Bucket } from '../index/buckets.ts';
import type { FreedContent } from '../index/contents.ts';
import { newRequestId } from '../request-id.ts';
import { changeVersion, deleteCurrent, deleteVersion, findVersion } from '../versions.ts';
import type { DueVersion } from './examine.ts';

/** What the store does of its own accord, as events tell it. */
export function ownCause(reason?: string): Cause {
  return {
    ...(reason !== undefined && { reason }),
    requestId: newRequestId(),
    accessKeyId: 's3.amazonaws.com',
  };
}

/** Does what is due, with its event. Belongs into a commit, in which the version has been looked at. */
export function perform(
  services: Pick<Services, 'index' | 'now'>,
  bucket: Bucket,
  { version, action }: Pick<DueVersion, 'version' | 'action'>,
): FreedContent | undefined {
  const { key, versionId, sequence } = version;
  // An action before this one may have replaced it: a delete marker takes the place of a `null` version.
  if (findVersion(services, bucket, key, versionId)?.sequence !== sequence) return undefined;
  switch (action.kind) {
    case 'expire':
      return deleteCurrent(services, bucket, key, ownCause('Lifecycle Expiration'))?.freed;
    case 'remove':
      return deleteVersion(services, bucket, key, versionId, ownCause('Lifecycle Expiration'))?.freed;
    case 'move': {
      const moved = { ...version, storageClass: action.storageClass };
      changeVersion(services, bucket, moved);
      recordEvent(services, {
        type: 'Object Storage Class Changed',
        bucket,
        version: moved,
        cause: ownCause(),
        storageClass: { 'destination-storage-class': action.storageClass },
      });
      return undefined;
    }
  }
}
