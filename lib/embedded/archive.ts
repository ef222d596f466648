import { archiveClasses } from '../lifecycle/storage-classes.ts';
import type { StoredObject } from './index/objects.ts';
import { Refusal } from './refusal.ts';

/** Archived objects: of GLACIER and DEEP_ARCHIVE only a restored copy can be read, as in S3. */

export function isArchived({ storageClass }: Pick<StoredObject, 'storageClass'>): boolean {
  return archiveClasses.includes(storageClass);
}

/** @throws {@link Refusal} `InvalidObjectState` for an archived object without a restored copy */
export function checkReadable(object: StoredObject): void {
  if (!isArchived(object) || isRestored(object)) return;
  throw new Refusal('InvalidObjectState', undefined, { StorageClass: object.storageClass });
}

/** Whether a restored copy is there now. */
export function isRestored({ restore }: StoredObject): boolean {
  return restore !== undefined && restore.days === undefined;
}

/** `x-amz-restore`, of an object that is restored or on its way. */
export function restoreHeader({ restore }: StoredObject): Record<string, string> {
  if (!restore) return {};
  const isUnderWay = restore.days !== undefined;
  const expiry = isUnderWay ? '' : `, expiry-date="${new Date(restore.dueAt).toUTCString()}"`;
  return { 'x-amz-restore': `ongoing-request="${isUnderWay}"${expiry}` };
}
