import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteRecords } from '../../../lib/records/sqlite.ts';
import { connect, type Connection } from '../../../lib/storage/connection.ts';
import { customEndpoint } from '../../../lib/storage/endpoint.ts';
import { createOperations } from '../../../lib/storage/operations.ts';
import { type Receivers, startReceivers } from './receivers.ts';
import { credentials, region } from '../../embedded/server.ts';

/**
 * Nothing is lost, and twice is once: changes go through a store and its workers that fail in every way and are killed
 * again and again, and webhooks go to receivers of which one is down for part of the time, one fails at random, and one
 * takes its time. In the end every subscriber knows exactly the changes that the store has acknowledged, every receiver has
 * exactly the events of its keys, and usage equals a recount to the byte.
 */

const [changes, kills] = process.env.CI === 'true' ? [100_000, 40] : [400, 2];
const lanes = 16;
const bucket = 'files';
let dataDir = '';
let child: ChildProcess | undefined;
let port = 0;
let receivers: Receivers;

const openRecords = () => openSqliteRecords({ file: join(dataDir, 'records.sqlite') });

async function start(): Promise<void> {
  const started = spawn(
    process.execPath,
    [join(import.meta.dirname, 'worker-process.ts'), dataDir, String(port)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  child = started;
  const [line] = await once(started.stdout, 'data');
  port = Number(String(line).split(' ')[1]);
}

async function kill(): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-chaos-'));
  const records = await openRecords();
  receivers = await startReceivers(records);
  await records.close();
  await start();
});
afterAll(async () => {
  await kill();
  await receivers.close();
  await rm(dataDir, { recursive: true });
});

/** The changes that the store has acknowledged, by their request ids, and how many it may have made beside. */
const acknowledged = new Set<string>();
let unanswered = 0;

/** Goes on until the store answers. @returns the id of the request that did it; nothing when an earlier one may have */
async function change(
  { send }: Connection,
  method: 'PUT' | 'DELETE',
  key: string,
  body?: string,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      const { headers } = await send({ method, bucket, key, ...(body !== undefined && { body }) });
      // A deletion that an earlier try has done already changes nothing.
      if (tries === 1 || method === 'PUT') acknowledged.add(String(headers['x-amz-request-id']));
      return;
    } catch {
      unanswered += 1;
      await delay(50);
    }
  }
}

async function lane(connection: Connection, name: number, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const key = `${name}/${Math.floor(index / 3)}`;
    const kind = index % 3;
    // Each key is written twice, and every other one deleted.
    if (kind < 2 || index % 2 === 0) await change(connection, 'PUT', key, 'x'.repeat(index % 500));
    else await change(connection, 'DELETE', key);
  }
}

function countIn(file: string, what: string): number {
  const database = new DatabaseSync(join(dataDir, file), { readOnly: true, timeout: 5000 });
  try {
    return Number(database.prepare(`SELECT COUNT(*) AS count FROM ${what}`).get()?.['count']);
  } finally {
    database.close();
  }
}

/** Until the store has given all events to the queue, the queue has none left, and no webhook is due any more. */
async function settled(): Promise<void> {
  const left = [
    ['index.sqlite', 'events'],
    ['queue.sqlite', 'messages'],
    ['records.sqlite', "records WHERE partition LIKE 'webhook-due/%'"],
  ] as const;
  for (const [file, what] of left) while (countIn(file, what) > 0) await delay(200);
}

/** The ids of the events of the keys that begin so. */
function idsOf(name: string, prefix: string): Set<string> {
  const lines = readFileSync(join(dataDir, `${name}.txt`), 'utf8')
    .trim()
    .split('\n');
  const words = lines.map((line) => line.split(' '));
  return new Set(words.filter(([, , key = '']) => key.startsWith(prefix)).map(([id = '']) => id));
}

function witnessed(name: string): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const line of readFileSync(join(dataDir, `${name}.txt`), 'utf8')
    .trim()
    .split('\n')) {
    const [id = '', requestId = ''] = line.split(' ');
    ids.set(requestId, (ids.get(requestId) ?? new Set()).add(id));
  }
  return ids;
}

test(`${changes} changes and ${kills} kills`, async () => {
  const open = () => {
    const endpoint = customEndpoint(`http://127.0.0.1:${port}`);
    return connect({ endpoint, region, credentials, now: () => new Date(), attempts: 1 });
  };
  const connections = Array.from({ length: lanes }, open);
  const working = Promise.all(
    connections.map((connection, name) => lane(connection, name, Math.ceil(changes / lanes))),
  );
  for (let count = 1; count <= kills; count += 1) {
    const due = (changes * count) / (kills + 1);
    while (acknowledged.size < due * 0.8) await delay(20);
    receivers.setDown(count % 4 === 1);
    await kill();
    await start();
  }
  await working;
  receivers.setDown(false);
  for (const connection of connections) connection.close();
  await settled();
  expect(countIn('queue.sqlite', 'dead_letters')).toBe(0);

  const [first, second] = [witnessed('first'), witnessed('second')];
  expect([...acknowledged].filter((id) => !first.has(id))).toEqual([]);
  expect([...first].filter(([, ids]) => ids.size !== 1)).toEqual([]);
  expect(second).toEqual(first);
  expect(first.size - acknowledged.size).toBeLessThanOrEqual(unanswered);

  for (const { prefix, taken, received } of receivers.all) {
    expect(taken).toEqual(idsOf('first', prefix));
    expect(new Set(received.map(({ id }) => id))).toEqual(taken);
    expect(taken.size).toBeGreaterThan(changes / lanes / 2);
  }

  const last = open();
  const { list } = createOperations(last);
  const stored = { bytes: 0, objects: 0 };
  for (let continuation: string | undefined, isMore = true; isMore;) {
    const page = await list(bucket, { prefix: '', limit: 1000, continuation });
    for (const { sizeBytes } of page.objects) stored.bytes += sizeBytes;
    stored.objects += page.objects.length;
    continuation = page.continuation;
    isMore = continuation !== undefined;
  }
  last.close();
  await kill();
  const records = await openRecords();
  const usage = await records.get(`usage/${bucket}`, 'tenant/');
  await records.close();
  expect(usage?.counters).toMatchObject({ takenBytes: stored.bytes, takenObjects: stored.objects });
  expect(stored.objects).toBeGreaterThan(changes / 10);
}, 2_400_000);
