import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { runTask } from '../../lib/maintenance/run.ts';
import { createDynamoRecords } from '../../lib/records/dynamodb.ts';
import type { Records } from '../../lib/records/port.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { connectionTo } from '../support/records-table.ts';

/**
 * Does two steps of a task, tells each, and stays in the third for ever: `node holding-process.ts TASK TIME NAME sqlite FILE`,
 * or `dynamodb ENDPOINT TABLE`. To be killed.
 */
const [, , name = '', time = '', , kind, place = '', table = ''] = process.argv;
const now = () => new Date(Number(time));
const records: Records =
  kind === 'sqlite'
    ? await openSqliteRecords({ file: place, now })
    : createDynamoRecords({ table, connection: connectionTo(place), now });

const task = {
  name,
  everySeconds: 600,
  step: async (cursor: unknown) => {
    const number = typeof cursor === 'number' ? cursor + 1 : 1;
    writeSync(1, `step ${number}\n`);
    if (number === 3) await delay(600_000);
    return { next: number, counts: {}, failures: [] };
  },
};
const { outcome } = await runTask(task, { records, now }, { budgetSeconds: 60 });
writeSync(1, `${outcome}\n`);
