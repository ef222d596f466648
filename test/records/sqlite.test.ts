import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'stowage-records-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('records outlive the process that has written them', async () => {
  const file = join(folder, 'reopened.sqlite');
  const first = await openSqliteRecords({ file });
  await first.put({ partition: 'keys', sort: 'one', value: { name: 'ci' } });
  await first.close();
  const second = await openSqliteRecords({ file });
  expect((await second.get('keys', 'one'))?.value).toEqual({ name: 'ci' });
  await second.close();
});

test('a process killed while it writes loses no write that it has acknowledged, and leaves none half done', async () => {
  const file = join(folder, 'killed.sqlite');
  const child = spawn(process.execPath, ['test/records/writing-process.ts', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child.stdout, 'data');
  await delay(300);
  child.kill('SIGKILL');
  await once(child, 'close');

  const acknowledged = output.split('\n').slice(0, -1);
  const records = await openSqliteRecords({ file });
  const { records: written } = await records.list('written', { limit: 1_000_000 });
  const found = new Set(written.map(({ sort }) => sort));
  expect(acknowledged.length).toBeGreaterThan(16);
  expect(acknowledged.filter((sort) => !found.has(sort))).toEqual([]);
  expect((await records.get('sum', 'written'))?.counters).toEqual({ records: found.size });
  await records.close();
});

test('expired records are taken away when something is written later', async () => {
  const file = join(folder, 'expiring.sqlite');
  let now = new Date('2026-11-23T12:00:00Z');
  const records = await openSqliteRecords({ file, now: () => now });
  const soon = new Date('2026-11-23T12:00:30Z');
  await records.put({ partition: 'sessions', sort: 'one', value: 1, expiresAt: soon });
  await records.put({ partition: 'sessions', sort: 'two', value: 2 });
  now = new Date('2026-11-23T12:05:00Z');
  await records.put({ partition: 'sessions', sort: 'three', value: 3 });
  await records.close();
  const database = new DatabaseSync(file, { readOnly: true });
  expect(database.prepare('SELECT sort FROM records ORDER BY sort').all()).toEqual([
    { sort: 'three' },
    { sort: 'two' },
  ]);
  database.close();
});

test('expired records go faster than they come, a few with each write', async () => {
  const file = join(folder, 'purged.sqlite');
  let time = Date.parse('2026-11-23T12:00:00Z');
  const records = await openSqliteRecords({ file, now: () => new Date(time) });
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = () => Number(database.prepare('SELECT count(*) AS count FROM records').get()?.['count']);
  let written = 0;
  const write = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        records.put({
          partition: 'sessions',
          sort: String((written += 1)),
          value: null,
          expiresAt: new Date(time + 1000),
        }),
      ),
    );
  await write(2000);
  time += 2000;
  await write(1);
  expect(rows()).toBeGreaterThan(1900);
  await write(300);
  expect(rows()).toBe(301);
  // Four hundred a second: never more than two seconds' worth.
  for (let second = 0; second < 10; second += 1) {
    time += 1000;
    await write(400);
    expect(rows()).toBeLessThanOrEqual(800);
  }
  database.close();
  await records.close();
});

test('a file that another process is writing to is told to be unavailable, and nothing is half done', async () => {
  const file = join(folder, 'locked.sqlite');
  const records = await openSqliteRecords({ file });
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  await expect(records.put({ partition: 'keys', sort: 'one', value: 1 })).rejects.toMatchObject({
    code: 'records_unavailable',
    status: 503,
  });
  other.exec('ROLLBACK');
  other.close();
  expect(await records.get('keys', 'one')).toBeUndefined();
  expect(await records.put({ partition: 'keys', sort: 'one', value: 1 }, 'absent')).toBeTypeOf('string');
  await records.close();
});
