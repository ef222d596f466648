import { join } from 'node:path';
import type { StandaloneEnvironment } from '../config/standalone-environment.ts';
import { createDynamoRecords } from '../records/dynamodb.ts';
import type { Records } from '../records/port.ts';
import { openSqliteRecords } from '../records/sqlite.ts';

/** The records of the process: in the table that it shares with others, or in a file of its own. */
export async function openRecords(
  { recordsTable, region, dataDir }: StandaloneEnvironment,
  now: () => Date,
): Promise<Records> {
  if (!recordsTable) return openSqliteRecords({ file: join(dataDir, 'records.sqlite'), now });
  const { table, endpoint, credentials } = recordsTable;
  return createDynamoRecords({ table, connection: { region, endpoint, credentials }, now });
}
