import type { Principal } from '../access/principal.ts';
import type { Config } from '../config/schema.ts';
import type { Taken } from './counters.ts';

/** Which quota holds for whom. All of it is pure. */

export type Quota = Config['quotas'][number];

/** Callers without a tenant count together, as the tenant without a name: a quota for `*` binds them, too. */
export function countedTenant({ tenant }: Pick<Principal, 'tenant'>): string {
  return tenant ?? '';
}

/** A tenant's own quota goes before the one for each (`*`), also where it sets no limit. */
export function quotaOf({ quotas }: Config, tenant: string, bucket: string): Quota | undefined {
  const ofBucket = quotas.filter((quota) => quota.bucket === bucket);
  const quota =
    ofBucket.find((quota) => quota.tenant === tenant) ?? ofBucket.find((quota) => quota.tenant === '*');
  return quota?.maxBytes === undefined && quota?.maxObjects === undefined ? undefined : quota;
}

/** Is there anybody whose objects in the bucket are counted? */
export function hasQuotas({ quotas }: Config, bucket: string): boolean {
  return quotas.some((quota) => quota.bucket === bucket);
}

/** What a quota leaves, as a refusal tells it: `10 bytes, 1 objects`. Nothing where more is taken already. */
export function leftOf({ maxBytes, maxObjects }: Quota, { stored, reserved }: Taken): string {
  const left = (most: number, taken: number, unit: string) => `${Math.max(0, most - taken)} ${unit}`;
  return [
    ...(maxBytes === undefined ? [] : [left(maxBytes, stored.bytes + reserved.bytes, 'bytes')]),
    ...(maxObjects === undefined ? [] : [left(maxObjects, stored.objects + reserved.objects, 'objects')]),
  ].join(', ');
}
