import { Hono } from 'hono';
import { reachesBucket, refusalOf } from '../access/grants.ts';
import type { Principal } from '../access/principal.ts';
import type { Config } from '../config/schema.ts';
import type { AppEnv } from '../http/env.ts';
import type { ListQuery, RecordPage, Records, StoredRecord } from '../records/port.ts';
import { takenOf, tenantOfSort, usagePartition, usageSort } from './counters.ts';
import { countedTenant, hasQuotas, quotaOf } from './quotas.ts';

export interface UsageRouteDeps {
  readonly config: Config;
  readonly records: Records;
}

const pageSize = 1000;

/**
 * `GET /v1/usage`: what the caller's tenant takes of each bucket where a quota holds for it and a grant of the caller
 * reaches; every tenant's, for a caller without a tenant who may `admin` the whole bucket.
 */
export function usageRoutes({ config, records }: UsageRouteDeps): Hono<AppEnv> {
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

  return new Hono<AppEnv>().get('/', async (c) => {
    const { principal } = c.var;
    const buckets = Object.keys(config.buckets).filter(
      (bucket) => hasQuotas(config, bucket) && reachesBucket(principal.grants, bucket),
    );
    const usage = await Promise.all(buckets.map((bucket) => usageIn(bucket, principal)));
    return c.json({ usage: usage.flat() });
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
