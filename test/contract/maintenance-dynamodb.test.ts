import { afterAll, test } from 'vitest';
import { createDynamoRecords } from '../../lib/records/dynamodb.ts';
import { startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { connectionTo, createRecordsTable } from '../support/records-table.ts';
import { describeMaintenance } from './maintenance.ts';

const table = 'records';
const local = await startDynamoDbLocal();

if (local) {
  const { endpoint, stop } = local;
  await createRecordsTable(endpoint, table);
  afterAll(stop);
  describeMaintenance("DynamoDB (AWS's DynamoDB Local)", {
    open: async (now) => createDynamoRecords({ table, connection: connectionTo(endpoint), now }),
    reach: ['dynamodb', endpoint, table],
  });
} else {
  test.skip("maintenance over DynamoDB: AWS's DynamoDB Local is absent", () => {});
}
