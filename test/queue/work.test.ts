import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PermanentError, TryLaterError } from '../../lib/queue/errors.ts';
import { outcomeOf } from '../../lib/queue/outcome.ts';
import type { Message, Queue } from '../../lib/queue/port.ts';
import { openSqliteQueue } from '../../lib/queue/sqlite.ts';
import { startWork, type Work, workOnBatch } from '../../lib/queue/work.ts';

const patience = { backOff: { firstSeconds: 1, maxSeconds: 1 }, maxAttempts: 2 };
let folder = '';
let queue: Queue;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-work-'));
  queue = await openSqliteQueue({ file: join(folder, 'queue.sqlite'), maxAttempts: 10 });
});
afterEach(async () => {
  await queue.close();
  await rm(folder, { recursive: true });
});

const workOf = (handle: Work['handle'], name = 'test'): Work => ({
  ...patience,
  name,
  queue,
  handle,
  log: () => {},
});

/** Works until as many messages as that have begun. */
async function workUntil(count: number, handle: Work['handle'], concurrency = 20): Promise<void> {
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  const stop = startWork(
    workOf(async (message) => {
      begun += 1;
      if (begun === count) resolve();
      await handle(message);
    }),
    { concurrency, leaseSeconds: 30 },
  );
  await enough;
  await stop();
}

describe('work on a queue', () => {
  test('is done once for each message, and what succeeds is gone', async () => {
    const bodies = Array.from({ length: 200 }, (_, index) => String(index));
    await queue.send(bodies.map((body) => ({ body })));
    const done: string[] = [];
    await workUntil(200, async ({ body }) => void done.push(body));
    expect(done.toSorted()).toEqual(bodies.toSorted());
    expect(await queue.receive({ limit: 10, leaseSeconds: 1 })).toEqual([]);
  });

  test('is tried again when it fails, and set aside with its last reason in the end', async () => {
    await queue.send([{ body: 'bad' }]);
    const attempts: number[] = [];
    await workUntil(2, async (message) => {
      attempts.push(message.attempts);
      throw new Error('no luck');
    });
    expect(attempts).toEqual([1, 2]);
    expect(await queue.deadLetters()).toEqual([{ body: 'bad', reason: 'After 2 attempts: no luck' }]);
  });

  test('sets aside at once what can never succeed; a redrive brings it back', async () => {
    await queue.send([{ body: 'poison' }]);
    await workUntil(1, async () => {
      throw new PermanentError('not an event');
    });
    expect(await queue.deadLetters()).toEqual([{ body: 'poison', reason: 'not an event' }]);
    expect(await queue.redrive()).toBe(1);
    const cured: string[] = [];
    await workUntil(1, async ({ body }) => void cured.push(body));
    expect(cured).toEqual(['poison']);
    expect(await queue.deadLetters()).toEqual([]);
  });

  test('goes on with others while some messages take for ever', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await queue.send(Array.from({ length: 9 }, () => ({ body: 'stuck' })));
    await queue.send(Array.from({ length: 100 }, () => ({ body: 'fine' })));
    let fine = 0;
    await workUntil(
      109,
      async ({ body }) => {
        if (body === 'stuck') return released;
        fine += 1;
        if (fine === 100) release();
      },
      10,
    );
    expect(fine).toBe(100);
  });

  test('stops only when what is under way has ended', async () => {
    await queue.send([{ body: 'slow' }]);
    let ended = false;
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const stop = startWork(
      workOf(async () => {
        resolve();
        await new Promise((wake) => setTimeout(wake, 100));
        ended = true;
      }),
      { concurrency: 1, leaseSeconds: 30 },
    );
    await begun;
    await stop();
    expect(ended).toBe(true);
    expect(await queue.receive({ limit: 1, leaseSeconds: 1 })).toEqual([]);
  });

  test('in a batch that somebody else takes away, tells what has to come again', async () => {
    await queue.send(['fine', 'later', 'poison'].map((body) => ({ body })));
    const messages = await queue.receive({ limit: 3, leaseSeconds: 30 });
    const again = await workOnBatch(
      workOf(async ({ body }: Message) => {
        if (body === 'later') throw new Error('not yet');
        if (body === 'poison') throw new PermanentError('never');
      }),
      messages,
    );
    expect(again).toEqual(messages.filter(({ body }) => body === 'later').map(({ id }) => id));
    expect(await queue.deadLetters()).toEqual([{ body: 'poison', reason: 'never' }]);
  });
});

test('work that knows when to be tried again is believed', () => {
  expect(outcomeOf(new TryLaterError('busy', 77), 1, patience, 0.5)).toEqual({
    action: 'retry',
    delaySeconds: 77,
  });
});
