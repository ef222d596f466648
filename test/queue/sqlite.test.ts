import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openSqliteQueue } from '../../lib/queue/sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'stowage-queue-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a queue outlives its process: messages, attempts, what is set aside', async () => {
  const file = join(folder, 'reopened.sqlite');
  const first = await openSqliteQueue({ file, maxAttempts: 5 });
  await first.send([{ body: 'a' }, { body: 'b' }]);
  const [a, b] = await first.receive({ limit: 2, leaseSeconds: 30 });
  if (!a || !b) throw new Error('No messages came.');
  await first.deadLetter(a, 'bad');
  await first.retry(b, 0);
  await first.close();
  const second = await openSqliteQueue({ file, maxAttempts: 5 });
  expect(await second.deadLetters()).toEqual([{ body: 'a', reason: 'bad' }]);
  expect(await second.receive({ limit: 2, leaseSeconds: 30 })).toMatchObject([{ body: 'b', attempts: 2 }]);
  await second.close();
});

test('whoever takes a queue over has at once what a dead worker had in its hands, and nothing that is to wait', async () => {
  const file = join(folder, 'taken-over.sqlite');
  const dead = await openSqliteQueue({ file, maxAttempts: 5 });
  await dead.send([{ body: 'in hand' }, { body: 'failed' }, { body: 'later', delaySeconds: 60 }]);
  const messages = await dead.receive({ limit: 2, leaseSeconds: 60 });
  for (const message of messages) if (message.body === 'failed') await dead.retry(message, 60);
  const beside = await openSqliteQueue({ file, maxAttempts: 5 });
  expect(await beside.receive({ limit: 10, leaseSeconds: 60 })).toEqual([]);
  await beside.close();
  const successor = await openSqliteQueue({ file, maxAttempts: 5, takesOver: true });
  const found = await successor.receive({ limit: 10, leaseSeconds: 60 });
  expect(found).toMatchObject([{ body: 'in hand', attempts: 2 }]);
  await successor.close();
  await dead.close();
});

test('a queue of a release that knew no leases is taken up as it is', async () => {
  const file = join(folder, 'older.sqlite');
  const older = new DatabaseSync(file);
  older.exec(`
    CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, due_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL) STRICT;
    CREATE INDEX due ON messages (due_at);
    CREATE TABLE dead_letters (id INTEGER PRIMARY KEY, body TEXT NOT NULL, reason TEXT NOT NULL,
      died_at INTEGER NOT NULL) STRICT;
    CREATE INDEX died ON dead_letters (died_at);
    INSERT INTO messages (body, due_at, attempts) VALUES ('waiting', 0, 1);
  `);
  older.close();
  const queue = await openSqliteQueue({ file, maxAttempts: 5, takesOver: true });
  expect(await queue.receive({ limit: 10, leaseSeconds: 60 })).toMatchObject([
    { body: 'waiting', attempts: 2 },
  ]);
  await queue.close();
});

test('a process killed at work loses no message that it has acknowledged, and brings none back that is done', async () => {
  const file = join(folder, 'killed.sqlite');
  const child = spawn(process.execPath, ['test/queue/working-process.ts', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child.stdout, 'data');
  await delay(400);
  child.kill('SIGKILL');
  await once(child, 'close');

  const lines = output.split('\n').slice(0, -1);
  const told = (word: string) =>
    new Set(lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1)));
  const [sent, ending, done] = [told('sent'), told('ending'), told('done')];
  const database = new DatabaseSync(file, { readOnly: true });
  const left = new Set(
    database
      .prepare('SELECT body FROM messages')
      .all()
      .map(({ body }) => body),
  );
  database.close();
  expect(done.size).toBeGreaterThan(10);
  // What was about to end may have ended without anybody having been told.
  expect([...sent].filter((body) => !ending.has(body) && !left.has(body))).toEqual([]);
  expect([...done].filter((body) => left.has(body))).toEqual([]);
});

test('a waiting worker has a message within milliseconds', async () => {
  const queue = await openSqliteQueue({ file: join(folder, 'waiting.sqlite'), maxAttempts: 5 });
  const latencies: number[] = [];
  for (let index = 0; index < 20; index += 1) {
    const waiting = queue.receive({ limit: 1, leaseSeconds: 30, waitSeconds: 20 });
    await delay(5);
    const sentAt = performance.now();
    await queue.send([{ body: String(index) }]);
    const [message] = await waiting;
    latencies.push(performance.now() - sentAt);
    if (message) await queue.done(message);
  }
  await queue.close();
  expect(latencies.toSorted((a, b) => a - b)[10]).toBeLessThan(100);
});

test('closing ends what waits for messages', async () => {
  const queue = await openSqliteQueue({ file: join(folder, 'closing.sqlite'), maxAttempts: 5 });
  const waiting = [1, 2].map(() => queue.receive({ limit: 1, leaseSeconds: 30, waitSeconds: 20 }));
  await queue.close();
  expect(await Promise.all(waiting)).toEqual([[], []]);
});

test('a file that another process is writing to is told to be unavailable', async () => {
  const file = join(folder, 'locked.sqlite');
  const queue = await openSqliteQueue({ file, maxAttempts: 5 });
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  await expect(queue.send([{ body: 'a' }])).rejects.toMatchObject({ code: 'queue_unavailable', status: 503 });
  other.exec('ROLLBACK');
  other.close();
  expect(await queue.receive({ limit: 1, leaseSeconds: 30 })).toEqual([]);
  await queue.close();
});
