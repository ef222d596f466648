import type { Context } from 'hono';
import { reachesBucket, refusalOf } from '../access/grants.ts';
import type { Principal } from '../access/principal.ts';
import type { Config } from '../config/schema.ts';
import type { AppEnv } from '../http/env.ts';
import { readQuery } from '../http/input.ts';
import { everyRecord } from '../records/every-record.ts';
import type { Records, StoredRecord } from '../records/port.ts';
import { takenOf, tenantOfSort, usagePartition, usageSort } from './counters.ts';
import { type DayPage, dayRange, daysOfAll, daysOfTenant } from './list-days.ts';
import { countedTenant, hasQuotas, quotaOf } from './quotas.ts';
import { usageDaysQuery } from './schema.ts';

/** What a caller is told of usage: its own tenant's, or every one's. */

export interface UsageRouteDeps {
  readonly config: Config;
  readonly records: Records;
  readonly now: () => Date;
}

/** What is taken now. */
export async function readUsage({ config, records }: UsageRouteDeps, principal: Principal) {
  const buckets = Object.keys(config.buckets).filter((bucket) => isVisible(config, bucket, principal));
  const usage = await Promise.all(buckets.map(usageIn));
  return { usage: usage.flat() };

  async function usageIn(bucket: string) {
    if (seesAll(principal, bucket)) {
      const ofAll = await everyRecord(records, usagePartition(bucket));
      return ofAll.map((record) => usageOf(tenantOfSort(record.sort), bucket, record));
    }
    const tenant = countedTenant(principal);
    if (!quotaOf(config, tenant, bucket)) return [];
    return [usageOf(tenant, bucket, await records.get(usagePartition(bucket), usageSort(tenant)))];
  }

  function usageOf(tenant: string, bucket: string, record: StoredRecord | undefined) {
    const { stored, reserved } = takenOf(record);
    const { maxBytes, maxObjects } = quotaOf(config, tenant, bucket) ?? {};
    return { tenant, bucket, ...stored, reservedBytes: reserved.bytes, maxBytes, maxObjects };
  }
}

/**
 * What came and went on each day.
 *
 * @throws {@link StowageError} `invalid_request` or `invalid_cursor`
 */
export async function readUsageDays(
  { config, records, now }: UsageRouteDeps,
  c: Context<AppEnv>,
): Promise<DayPage> {
  const { principal } = c.var;
  const { bucket, cursor, ...wanted } = readQuery(c, usageDaysQuery);
  const range = dayRange(wanted, now());
  if (!isVisible(config, bucket, principal)) return { days: [] };
  if (seesAll(principal, bucket)) return daysOfAll(records, bucket, range, cursor);
  const tenant = countedTenant(principal);
  return quotaOf(config, tenant, bucket) ? daysOfTenant(records, bucket, tenant, range) : { days: [] };
}

function isVisible(config: Config, bucket: string, { grants }: Principal): boolean {
  return hasQuotas(config, bucket) && reachesBucket(grants, bucket);
}

function seesAll({ tenant, grants }: Principal, bucket: string): boolean {
  return tenant === undefined && refusalOf(grants, { action: 'admin', bucket, key: '' }) === undefined;
}
