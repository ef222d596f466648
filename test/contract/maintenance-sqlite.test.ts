import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { describeMaintenance } from './maintenance.ts';

const folder = mkdtempSync(join(tmpdir(), 'stowage-maintenance-'));
const file = join(folder, 'records.sqlite');

afterAll(() => rmSync(folder, { recursive: true }));

describeMaintenance('SQLite', {
  open: (now) => openSqliteRecords({ file, now }),
  reach: ['sqlite', file],
});
