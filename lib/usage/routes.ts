import { Hono } from 'hono';
import { reachesBucket, refusalOf } from '../access/grants.ts';
import type { Principal } from '../access/principal.ts';
import type { Config } from '../config/schema.ts';
import type { AppEnv } from '../http/env.ts';
import { readQuery } from '../http/input.ts';
import type { ListQuery, RecordPage, Records, StoredRecord } from '../records/port.ts';
import { takenOf, tenantOfSort, usagePartition, usageSort } from './counters.ts';
import { countedTenant, hasQuotas, quotaOf } from './quotas.ts';

export interface UsageRouteDeps {
  readonly config: Config;
  readonly records: Records;
  readonly now: () => Date;
}

const pageSize = 1000;

/**
 * `GET /v1/usage`: what the caller's tenant takes of each bucket where a quota holds for it and a grant of the caller
 * reaches; every tenant's, for a caller without a tenant who may `admin` the whole bucket. `GET /v1/usage/days`: what of
 * it came and went on each day.
 */
export function usageRoutes({ config, records, now }: UsageRouteDeps): Hono<AppEnv> {
  async function usageIn(bucket: string, principal: Principal) {
    if (mayAdmin(principal, bucket)) {
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

  const isCountedFor = (bucket: string, { grants }: Principal) =>
    hasQuotas(config, bucket) && reachesBucket(grants, bucket);

  return new Hono<AppEnv>()
    .get('/', async (c) => {
      const { principal } = c.var;
      const buckets = Object.keys(config.buckets).filter((bucket) => isCountedFor(bucket, principal));
      const usage = await Promise.all(buckets.map((bucket) => usageIn(bucket, principal)));
      return c.json({ usage: usage.flat() });
    })

    .get('/days', async (c) => {
      // Seldom asked for, so that a cold start does without.
      const [{ usageDaysQuery }, { dayRange, daysOfAll, daysOfTenant }] = await Promise.all([
        import('./schema.ts'),
        import('./list-days.ts'),
      ]);
      const { principal } = c.var;
      const { bucket, cursor, ...wanted } = readQuery(c, usageDaysQuery);
      const range = dayRange(wanted, now());
      const tenant = countedTenant(principal);
      if (!isCountedFor(bucket, principal)) return c.json({ days: [] });
      if (mayAdmin(principal, bucket)) return c.json(await daysOfAll(records, bucket, range, cursor));
      if (!quotaOf(config, tenant, bucket)) return c.json({ days: [] });
      return c.json(await daysOfTenant(records, bucket, tenant, range));
    });
}

function mayAdmin({ tenant, grants }: Principal, bucket: string): boolean {
  return tenant === undefined && refusalOf(grants, { action: 'admin', bucket, key: '' }) === undefined;
}

async function everyRecord(records: Records, partition: string): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  for (let query: ListQuery | undefined = { limit: pageSize }; query;) {
    const page: RecordPage = await records.list(partition, query);
    found.push(...page.records);
    query = page.next === undefined ? undefined : { limit: pageSize, after: page.next };
  }
  return found;
}
