import { S3Error } from '../storage/errors.ts';
import type { ObjectHead } from '../storage/operations.ts';
import type { Storage } from '../storage/storage.ts';
import type { ObjectEvent } from './object-event.ts';

/**
 * The object that an event tells of, as storage has it now.
 *
 * @returns `undefined` when it is gone, or another stands there
 * @throws {@link S3Error}
 */
export async function toldObject(
  storage: Storage,
  { bucket, key, versionId, etag }: ObjectEvent,
): Promise<ObjectHead | undefined> {
  try {
    const head = await storage.head({ bucket, key, versionId });
    return etag === undefined || head.etag === etag ? head : undefined;
  } catch (error) {
    if (error instanceof S3Error && error.status === 404) return undefined;
    throw error;
  }
}
