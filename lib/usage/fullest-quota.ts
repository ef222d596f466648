import type { Config } from '../config/schema.ts';
import { everyRecord } from '../records/every-record.ts';
import type { Records, StoredRecord } from '../records/port.ts';
import { takenOf, tenantOfSort, usagePartition } from './counters.ts';
import { hasQuotas, quotaOf } from './quotas.ts';

/** How much the tenant that is nearest to its quota has taken of it, in percent; 0 where nobody has one. */
export async function fullestQuotaPercent(config: Config, records: Records): Promise<number> {
  let fullest = 0;
  for (const bucket of Object.keys(config.buckets).filter((name) => hasQuotas(config, name))) {
    const ofTenants = await everyRecord(records, usagePartition(bucket));
    for (const record of ofTenants) fullest = Math.max(fullest, percentOf(config, bucket, record));
  }
  return fullest;
}

function percentOf(config: Config, bucket: string, record: StoredRecord): number {
  const { maxBytes, maxObjects } = quotaOf(config, tenantOfSort(record.sort), bucket) ?? {};
  const { stored, reserved } = takenOf(record);
  return Math.max(
    share(stored.bytes + reserved.bytes, maxBytes),
    share(stored.objects + reserved.objects, maxObjects),
  );
}

/** Of a quota of nothing, all is taken. */
function share(taken: number, most: number | undefined): number {
  if (most === undefined) return 0;
  return most === 0 ? 100 : (100 * taken) / most;
}
