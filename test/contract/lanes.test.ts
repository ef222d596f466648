import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { createDynamoRecords } from '../../lib/records/dynamodb.ts';
import type { Records } from '../../lib/records/port.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { processLanes } from '../../lib/webhooks/lanes.ts';
import { recordLanes } from '../../lib/webhooks/record-lanes.ts';
import { startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { connectionTo, createRecordsTable } from '../support/records-table.ts';
import { lanesSuite } from './lanes.ts';

lanesSuite('of one process', async () => {
  const lanes = processLanes();
  return [lanes, lanes];
});

lanesSuite('of processes that share records in SQLite', async () => shared(await openInSqlite()));

const local = await startDynamoDbLocal();
afterAll(() => local?.stop());

if (local) {
  lanesSuite('of functions that share records in DynamoDB', async () => {
    const table = randomUUID();
    await createRecordsTable(local.endpoint, table);
    // Here everything shares one machine, and a lane is not to be lost to it.
    const connection = { ...connectionTo(local.endpoint), timeoutSeconds: 120 };
    const records = createDynamoRecords({ table, connection });
    onTestFinished(() => records.close());
    return shared(records);
  });
} else {
  test.skip("lanes on DynamoDB: AWS's DynamoDB Local is absent", () => {});
}

test('the lane of a worker that has died is free a minute later, and its return takes nothing away', async () => {
  let now = new Date('2026-11-25T12:00:00Z');
  const lanes = recordLanes({ records: await openInSqlite(() => now), now: () => now });
  const rounds: string[] = [];
  const hung = Promise.withResolvers<void>();
  const running = lanes.run('wh_a', () => hung.promise);
  const ask = () => lanes.run('wh_a', async () => void rounds.push('looked'));
  // Until then it counts as at work: it has been asked to look again.
  expect(await ask()).toBe(true);
  now = new Date(now.getTime() + 59_000);
  await ask();
  expect(rounds).toEqual([]);
  now = new Date(now.getTime() + 2000);
  const second = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const successor = lanes.run('wh_a', () => {
    begun.resolve();
    return second.promise;
  });
  await begun.promise;
  hung.resolve();
  expect(await running).toBe(true);
  // The successor still holds the lane.
  await ask();
  expect(rounds).toEqual([]);
  second.resolve();
  expect(await successor).toBe(true);
  await ask();
  expect(rounds).toEqual(['looked']);
});

function shared(records: Records) {
  const options = { records, now: () => new Date() };
  return [recordLanes(options), recordLanes(options)] as const;
}

async function openInSqlite(now?: () => Date): Promise<Records> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-lanes-'));
  const records = await openSqliteRecords({ file: join(folder, 'records.sqlite'), ...(now && { now }) });
  onTestFinished(async () => {
    await records.close();
    await rm(folder, { recursive: true });
  });
  return records;
}
