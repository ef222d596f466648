import type { ListQuery, RecordPage, Records, StoredRecord } from './port.ts';

const pageSize = 1000;

/** All records of a partition. */
export async function everyRecord(records: Records, partition: string): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  for (let query: ListQuery | undefined = { limit: pageSize }; query;) {
    const page: RecordPage = await records.list(partition, query);
    found.push(...page.records);
    query = page.next === undefined ? undefined : { limit: pageSize, after: page.next };
  }
  return found;
}
