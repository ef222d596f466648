import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openProcessQueue, redriveQueues } from '../../lib/hosts/queues.ts';
import { PermanentError } from '../../lib/queue/errors.ts';
import { startWork } from '../../lib/queue/work.ts';

const run = promisify(execFile);
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-redrive-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('what was set aside in either queue is worked on again, and its reasons told', async () => {
  for (const name of ['events', 'deliveries'] as const) {
    const before = await openProcessQueue(name, dataDir, true);
    await before.send([{ body: name }]);
    for (const message of await before.receive({ limit: 1, leaseSeconds: 60 })) {
      await before.deadLetter(message, 'no luck');
    }
    await before.close();
  }
  expect(await redriveQueues(dataDir)).toEqual({
    count: 2,
    examples: [
      { body: 'events', reason: 'no luck' },
      { body: 'deliveries', reason: 'no luck' },
    ],
  });
  for (const name of ['events', 'deliveries'] as const) {
    const after = await openProcessQueue(name, dataDir, true);
    expect(await after.receive({ limit: 10, leaseSeconds: 1 })).toMatchObject([{ body: name, attempts: 1 }]);
    await after.close();
  }
});

test('a folder without queues has nothing to redrive, and gets none', async () => {
  expect(await redriveQueues(dataDir)).toEqual({ count: 0, examples: [] });
});

test('while a process works: nothing is lost, and it takes up by itself what it is given back', async () => {
  const queue = await openProcessQueue('events', dataDir, true);
  const poisoned = Array.from({ length: 700 }, (_, index) => `poison ${index}`);
  const done = new Set<string>();
  const faults: string[] = [];
  let isMended = false;
  let sent = 0;
  let setAside = 0;
  const stop = startWork(
    {
      name: 'event',
      queue,
      backOff: { firstSeconds: 1, maxSeconds: 1 },
      maxAttempts: 3,
      log: (level, message) => {
        if (message.startsWith('Set aside')) setAside += 1;
        else faults.push(`${level} ${message}`);
      },
      handle: async ({ body }) => {
        if (body.startsWith('poison') && !isMended) throw new PermanentError('no luck');
        done.add(body);
      },
    },
    { concurrency: 60, leaseSeconds: 60 },
  );
  try {
    await queue.send(poisoned.map((body) => ({ body })));
    await expect.poll(() => setAside, { timeout: 20_000 }).toBe(poisoned.length);
    // What was about to be told of the last is told.
    await queue.send([{ body: `honey ${(sent += 1)}` }]);
    // It works on while it is redriven.
    const enough = new AbortController();
    const sending = (async () => {
      while (!enough.signal.aborted) {
        await queue.send([{ body: `honey ${(sent += 1)}` }]);
      }
    })();
    isMended = true;
    const { stdout } = await run(process.execPath, ['functions/standalone.ts', 'redrive-events'], {
      env: { STOWAGE_DATA_DIR: dataDir },
    });
    enough.abort();
    await sending;
    await expect.poll(() => done.size, { timeout: 40_000 }).toBe(poisoned.length + sent);
    expect(stdout).toContain('Set aside: no luck\n');
    expect(stdout).toContain(`${poisoned.length} will be worked on again`);
    expect(faults).toEqual([]);
  } finally {
    await stop();
    await queue.close();
  }
}, 60_000);
