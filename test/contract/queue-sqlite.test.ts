import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqliteQueue } from '../../lib/queue/sqlite.ts';
import { describeQueue } from './queue.ts';

const folder = mkdtempSync(join(tmpdir(), 'stowage-queue-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeQueue('SQLite', {
  open: (maxAttempts) => openSqliteQueue({ file: join(folder, randomUUID()), maxAttempts }),
});
