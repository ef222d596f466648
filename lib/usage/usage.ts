import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import { type CountedObject, findCounted, type ObjectVersion } from './counted-objects.ts';
import { additionOf, one, takenOf } from './counters.ts';
import { forgetObjects } from './forget.ts';
import { hasQuotas, leftOf, quotaOf } from './quotas.ts';
import { toRecord } from './reservations.ts';
import type { CountedUpload, SettleDeps } from './plan.ts';
import { releaseUpload, settleUpload } from './settle.ts';

/**
 * Keeps the quotas. Where none applies, no method asks the database.
 *
 * The rule: what may come is reserved, and only that can be refused; what storage holds is counted, whether it fits or
 * not; and an object is given back by the record that says it was counted. Where the order of things cannot be told,
 * usage errs upward. So an upload over an object needs room for both, and each version that a bucket keeps counts. What
 * stood there before the quota did, what was written past this service, and what storage itself has deleted, are for
 * storage's events and the reconciliation to tell.
 */
export interface Usage {
  /**
   * Takes the room that an upload needs, before its addresses are signed.
   *
   * @throws {@link StowageError} `quota_exceeded`, with what is left
   */
  readonly reserve: (upload: AnnouncedUpload) => Promise<void>;

  /** At whatever end of an upload, and as often as one likes: see {@link settleUpload}. */
  readonly settle: (upload: CountedUpload) => Promise<void>;

  /** For an upload that cannot have written anything: see {@link releaseUpload}. */
  readonly release: (upload: CountedUpload) => Promise<void>;

  /** What of these objects is counted: to be asked before they are deleted, for {@link Usage.forget}. */
  readonly counted: (bucket: string, objects: readonly ObjectVersion[]) => Promise<readonly CountedObject[]>;

  /** Gives back what deleted objects held, except where another is counted in their place by now. */
  readonly forget: (bucket: string, deleted: readonly CountedObject[]) => Promise<void>;
}

export interface AnnouncedUpload extends CountedUpload {
  readonly sizeBytes: number;
  /** Can one of its addresses alone write the object, as often as it is used? */
  readonly isRepeatable: boolean;
}

export interface UsageDeps extends SettleDeps {
  readonly config: Config;
}

export function createUsage(deps: UsageDeps): Usage {
  const { config, records } = deps;
  const hasQuota = ({ tenant, bucket }: CountedUpload) => quotaOf(config, tenant, bucket) !== undefined;

  return {
    async reserve(upload) {
      const { tenant, bucket, key, marker, sizeBytes: bytes, isRepeatable } = upload;
      const quota = quotaOf(config, tenant, bucket);
      if (!quota) return;
      const ceilings = {
        ...(quota.maxBytes !== undefined && { takenBytes: quota.maxBytes }),
        ...(quota.maxObjects !== undefined && { takenObjects: quota.maxObjects }),
      };
      const result = await records.transact([
        {
          action: 'put',
          condition: 'absent',
          ...toRecord(marker, { tenant, bucket, key, bytes, isHeld: true, isRepeatable }),
        },
        { action: 'add', ...additionOf(bucket, tenant, [{ tenant, reserved: one(bytes) }], ceilings) },
      ]);
      // It has its room already, where the first word of that was lost.
      if (result.done || result.refused === 0) return;
      const left = leftOf(quota, takenOf(result.current));
      throw new StowageError(
        'quota_exceeded',
        `The quota leaves ${left} in the bucket "${bucket}"; this object needs ${bytes} bytes.`,
      );
    },

    async settle(upload) {
      if (hasQuota(upload)) await settleUpload(deps, upload);
    },

    async release(upload) {
      if (hasQuota(upload)) await releaseUpload(deps, upload);
    },

    async counted(bucket, objects) {
      if (!hasQuotas(config, bucket)) return [];
      // In a bucket that keeps versions, a deletion that names none only hides the object.
      const freed = config.buckets[bucket]?.versioning
        ? objects.filter(({ versionId }) => versionId !== undefined)
        : objects;
      const found = await Promise.all(freed.map((object) => findCounted(records, bucket, object)));
      return found.filter((object) => object !== undefined);
    },

    forget: (bucket, deleted) => forgetObjects(deps, bucket, deleted),
  };
}
