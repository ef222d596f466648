import { afterAll, test } from 'vitest';
import { createDynamoRecords } from '../../lib/records/dynamodb.ts';
import { describeFaults } from '../records/dynamodb-faults.ts';
import { startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { connectionTo, createRecordsTable } from '../support/records-table.ts';
import { describeRecords } from './records.ts';

const table = 'records';
const local = await startDynamoDbLocal();

if (local) {
  await createRecordsTable(local.endpoint, table);
  const clock = { now: new Date('2026-11-23T12:00:00Z') };
  // A crowd at one record makes a busy machine slow, and an addition whose answer is given up is done twice.
  const connection = { ...connectionTo(local.endpoint), timeoutSeconds: 120 };
  const records = createDynamoRecords({ table, connection, now: () => clock.now });
  afterAll(async () => {
    await records.close();
    await local.stop();
  });
  describeRecords("DynamoDB (AWS's DynamoDB Local)", {
    records,
    clock,
    crowd: process.env['CI'] === 'true' ? 10_000 : 1000,
  });
  describeFaults(local.endpoint, table);
} else {
  test.skip("records on DynamoDB: AWS's DynamoDB Local is absent", () => {});
}
