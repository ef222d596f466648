import { writeSync } from 'node:fs';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';

/** Writes without end, and tells each write that was acknowledged: `node writing-process.ts FILE`. To be killed. */
const [, , file = ''] = process.argv;
const records = await openSqliteRecords({ file });

async function write(writer: number): Promise<never> {
  for (let index = 0; ; index += 1) {
    const sort = `${writer}-${index}`;
    await records.transact([
      { action: 'put', partition: 'written', sort, value: 'x'.repeat(2000), condition: 'absent' },
      { action: 'add', partition: 'sum', sort: 'written', deltas: { records: 1 } },
    ]);
    writeSync(1, `${sort}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
