import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { describeRecords } from './records.ts';

const folder = mkdtempSync(join(tmpdir(), 'stowage-records-'));
const clock = { now: new Date('2026-11-23T12:00:00Z') };
const records = await openSqliteRecords({ file: join(folder, 'records.sqlite'), now: () => clock.now });

afterAll(async () => {
  await records.close();
  rmSync(folder, { recursive: true });
});

describeRecords('SQLite', { records, clock, crowd: 10_000 });
