import { S3Error } from '../storage/errors.ts';
import type { ObjectHead } from '../storage/operations.ts';
import type { Storage } from '../storage/storage.ts';
import { readOwnMetadata } from '../uploads/own-metadata.ts';
import { findCounted, keyOf, type ObjectVersion } from './counted-objects.ts';
import { minusOne } from './counters.ts';
import { countingOf, nothing, type Plan, type SettleDeps, transact } from './plan.ts';

/**
 * Makes usage say of an object, or of one of its versions, what storage says.
 *
 * @param storageVersionId - how storage calls the version. Default: as usage does
 * @returns what was wrong, as the plan that has put it right; one without writes where usage had said the same
 * @throws {@link StowageError} `records_unavailable`, or what storage's refusal becomes
 */
export async function recountObject(
  deps: SettleDeps,
  { bucket, key, versionId }: ObjectVersion & { readonly bucket: string },
  storageVersionId = versionId,
): Promise<Plan> {
  const { storage, records } = deps;
  return transact(deps, bucket, async (): Promise<Plan> => {
    // Read before storage is: what another has counted meanwhile then makes this plan fail, and there is a new look.
    const counted = await findCounted(records, bucket, { key, versionId });
    const head = await headOf(storage, { bucket, key, versionId: storageVersionId });
    if (!head) {
      return counted
        ? {
            writes: [
              { action: 'delete', condition: { version: counted.version }, ...keyOf(bucket, counted) },
            ],
            shifts: [{ tenant: counted.tenant, stored: minusOne(counted.bytes) }],
          }
        : nothing;
    }
    const { sizeBytes } = head;
    const { tenant = '', marker = '' } = readOwnMetadata(head.metadata) ?? {};
    const isRight = counted?.bytes === sizeBytes && counted.tenant === tenant && counted.marker === marker;
    return isRight ? nothing : countingOf({ tenant, bucket, key, marker }, { versionId, sizeBytes }, counted);
  });
}

/**
 * {@link recountObject} until it finds all as it was written down: between a look and its writing the object may have
 * changed, and the event of that been looked at. For whoever has counted what storage had told.
 */
export async function recountUntilSame(
  ...[deps, object, storageVersionId]: Parameters<typeof recountObject>
): Promise<void> {
  while ((await recountObject(deps, object, storageVersionId)).writes.length > 0);
}

async function headOf(
  storage: Storage,
  object: { readonly bucket: string; readonly key: string; readonly versionId?: string | undefined },
): Promise<ObjectHead | undefined> {
  try {
    return await storage.head(object);
  } catch (error) {
    if (error instanceof S3Error && error.status === 404) return undefined;
    throw error;
  }
}
