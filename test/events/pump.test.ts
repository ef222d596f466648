import { setTimeout as delay } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startPump } from '../../lib/events/pump.ts';
import { parseObjectEvents } from '../../lib/events/parse.ts';
import type { Queue } from '../../lib/queue/port.ts';
import { openSqliteQueue } from '../../lib/queue/sqlite.ts';
import { startStore } from '../embedded/server.ts';

let folder = '';
let running: Awaited<ReturnType<typeof startStore>>;
let queue: Queue;
let s3: S3;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-pump-'));
  running = await startStore();
  const { endpoint, region, credentials } = running;
  s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
  queue = await openSqliteQueue({ file: join(folder, 'queue.sqlite'), maxAttempts: 10 });
});
afterEach(async () => {
  s3.destroy();
  await queue.close();
  await running.stop();
  await rm(folder, { recursive: true });
});

const log = () => {};
const put = (Key: string) => s3.putObject({ Bucket: 'files', Key, Body: 'x' });

async function receive(): Promise<string[]> {
  const messages = await queue.receive({ limit: 10, leaseSeconds: 60, waitSeconds: 20 });
  return messages.flatMap(({ body }) => parseObjectEvents(body)).map(({ key }) => key);
}

test('a change wakes the pump, which brings its event into the queue', async () => {
  const stop = startPump({ events: running.store.events, queue, log });
  const received = receive();
  await delay(50);
  await put('a');
  expect(await received).toEqual(['a']);
  await stop();
  expect(running.store.events.read(0, 10)).toEqual([]);
});

test('the store keeps its events until the queue has taken them', async () => {
  const { promise: refused, resolve } = Promise.withResolvers<void>();
  const broken: Queue = {
    ...queue,
    send: async () => {
      resolve();
      throw new Error('full');
    },
  };
  await put('a');
  const stopBroken = startPump({ events: running.store.events, queue: broken, log });
  await refused;
  await stopBroken();
  expect(running.store.events.read(0, 10)).toHaveLength(1);
  const stop = startPump({ events: running.store.events, queue, log });
  expect(await receive()).toEqual(['a']);
  await stop();
});
