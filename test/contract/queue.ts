import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { toBody } from '../../lib/queue/limits.ts';
import { startWork } from '../../lib/queue/work.ts';
import { cameTooOften, type Message, type NewMessage, type Queue } from '../../lib/queue/port.ts';

/** What the suite works with. */
export interface QueueUnderTest {
  /** Opens a queue of its own that lets a message come so often. The suite closes it. */
  readonly open: (maxAttempts: number) => Promise<Queue>;
}

const leaseSeconds = 30;
const maxAttempts = 10;

/** The acceptance suite of the queue port: what passes it is an adapter. Time is real here: SQS knows no other. */
export function describeQueue(name: string, { open }: QueueUnderTest): void {
  const withQueue = (work: (queue: Queue) => Promise<void>) => async () => {
    const queue = await open(maxAttempts);
    try {
      await work(queue);
    } finally {
      await queue.close();
    }
  };

  // Made beforehand: it takes seconds, in which nothing beside it is on time.
  const values = fc.sample(fc.jsonValue({ stringUnit: 'binary' }), 25);

  describe.concurrent(`a queue on ${name}`, () => {
    test(
      'is empty at first, and says so at once',
      withQueue(async (queue) => {
        expect(await queue.receive({ limit: 10, leaseSeconds })).toEqual([]);
        expect(await queue.deadLetters()).toEqual([]);
        expect(await queue.redrive()).toBe(0);
        await queue.send([]);
      }),
    );

    test(
      'gives whatever JSON can hold back as it was',
      withQueue(async (queue) => {
        const odd = ['\u0000\uffff\ufffe\ud800', 'ü'.repeat(100_000)];
        await queue.send([...values, ...odd].map((value) => ({ body: toBody(value) })));
        const received = await receiveAll(queue, values.length + odd.length);
        expect(received.map(({ attempts }) => attempts)).toEqual(received.map(() => 1));
        expect(sorted(received.map(({ body }) => JSON.stringify(JSON.parse(body))))).toEqual(
          sorted([...values, ...odd].map((value) => JSON.stringify(value))),
        );
      }),
    );

    test(
      'wakes who waits for a message when it comes',
      withQueue(async (queue) => {
        const waiting = queue.receive({ limit: 1, leaseSeconds, waitSeconds: 20 });
        await delay(300);
        await queue.send([{ body: 'now' }]);
        expect(await bodies(waiting)).toEqual(['now']);
      }),
    );

    test(
      'stops waiting when it is told to',
      withQueue(async (queue) => {
        const control = new AbortController();
        const { signal } = control;
        const waiting = queue.receive({ limit: 1, leaseSeconds, waitSeconds: 20, signal });
        const started = performance.now();
        setTimeout(() => control.abort(), 100);
        expect(await waiting).toEqual([]);
        expect(performance.now() - started).toBeLessThan(15_000);
        expect(await queue.receive({ limit: 1, leaseSeconds, waitSeconds: 20, signal })).toEqual([]);
      }),
    );

    test(
      'keeps a message back for its delay',
      withQueue(async (queue) => {
        const since = stopwatch();
        await queue.send([{ body: 'later', delaySeconds: 2 }]);
        expect(await queue.receive({ limit: 1, leaseSeconds })).toEqual([]);
        expect((await receiveOne(queue)).body).toBe('later');
        expect(since()).toBeGreaterThan(1.9);
      }),
    );

    test(
      'gives a message to one worker, and again when its lease is over',
      withQueue(async (queue) => {
        await queue.send([{ body: 'work' }]);
        const since = stopwatch();
        const first = await receiveOne(queue, 2);
        const second = await receiveOne(queue);
        expect(since()).toBeGreaterThan(1.9);
        expect(second).toMatchObject({ id: first.id, body: 'work', attempts: 2 });
        expect(await queue.receive({ limit: 1, leaseSeconds })).toEqual([]);
      }),
    );

    test(
      'keeps a message longer whose lease is extended',
      withQueue(async (queue) => {
        await queue.send([{ body: 'work' }]);
        await queue.extend(await receiveOne(queue, 2), leaseSeconds);
        expect(await queue.receive({ limit: 1, leaseSeconds, waitSeconds: 3 })).toEqual([]);
      }),
    );

    test(
      'forgets a message that is done',
      withQueue(async (queue) => {
        await queue.send([{ body: 'work' }]);
        const message = await receiveOne(queue, 1);
        await queue.done(message);
        await queue.done(message);
        expect(await queue.receive({ limit: 1, leaseSeconds, waitSeconds: 2 })).toEqual([]);
        expect(await queue.deadLetters()).toEqual([]);
      }),
    );

    test(
      'gives a message again after the delay of a retry',
      withQueue(async (queue) => {
        await queue.send([{ body: 'work' }]);
        const first = await receiveOne(queue);
        const since = stopwatch();
        await queue.retry(first, 2);
        const again = await receiveOne(queue);
        expect(since()).toBeGreaterThan(1.9);
        expect(again.attempts).toBeGreaterThan(1);
        await queue.retry(again, 0);
        expect((await receiveOne(queue)).attempts).toBeGreaterThan(again.attempts);
      }),
    );

    test(
      'sets a message aside with the reason, and takes it up again as new',
      withQueue(async (queue) => {
        await queue.send([{ body: 'poison' }, { body: 'honey' }]);
        for (const message of await receiveAll(queue, 2)) {
          if (message.body === 'poison') await queue.deadLetter(message, 'tastes bad');
          else await queue.done(message);
        }
        expect(await queue.deadLetters()).toEqual([{ body: 'poison', reason: 'tastes bad' }]);
        expect(await queue.deadLetters()).toEqual([{ body: 'poison', reason: 'tastes bad' }]);
        expect(await queue.redrive()).toBe(1);
        expect(await receiveOne(queue)).toMatchObject({ body: 'poison', attempts: 1 });
        expect(await queue.deadLetters()).toEqual([]);
      }),
    );

    test(
      'keeps any reason, in characters that it can',
      withQueue(async (queue) => {
        await queue.send([{ body: 'x'.repeat(240 * 1024) }, { body: 'b' }]);
        for (const { body, ...message } of await receiveAll(queue, 2)) {
          const reason = body === 'b' ? '' : `\u0000\u001b[31m\uffff${'ä'.repeat(2000)}`;
          await queue.deadLetter({ ...message, body }, reason);
        }
        const reasons = (await queue.deadLetters()).map(({ reason }) => reason);
        expect(sorted(reasons)).toEqual(
          sorted(['No reason was given.', `\ufffd\ufffd[31m\ufffd${'ä'.repeat(993)}`]),
        );
      }),
    );

    test(
      'sets a message aside that comes too often, and lets others pass',
      withQueue(async (queue) => {
        await queue.send([{ body: 'poison' }]);
        let attempts = 0;
        for (;;) {
          const [message] = await queue.receive({ limit: 1, leaseSeconds, waitSeconds: 2 });
          if (!message) break;
          attempts += 1;
          await queue.retry(message, 0);
        }
        expect(attempts).toBeGreaterThan(1);
        expect(attempts).toBeLessThanOrEqual(maxAttempts);
        await queue.send([{ body: 'honey' }]);
        expect((await receiveOne(queue)).body).toBe('honey');
        expect(await queue.deadLetters()).toEqual([{ body: 'poison', reason: cameTooOften }]);
      }),
    );

    test(
      'lets a poisoned message hold up no other by more than its place in one batch, and takes it up again when told to',
      withQueue(async (queue) => {
        const others = Array.from({ length: 45 }, (_, index) => `honey ${index}`);
        const bodies = ['stuck', 'poison', ...others];
        const release = Promise.withResolvers<void>();
        const done: string[] = [];
        let isMended = false;
        let tries = 0;
        const handle = async ({ body }: Message) => {
          if (body === 'stuck') await release.promise;
          if (body === 'poison' && !isMended) {
            tries += 1;
            throw new Error('tastes bad');
          }
          done.push(body);
        };
        const patience = { backOff: { firstSeconds: 1, maxSeconds: 1 }, maxAttempts: 3 };
        const work = { ...patience, name: 'meal', queue, handle, log: () => {} };
        await queue.send(bodies.map((body) => ({ body })));
        // As wide as one batch: one place is taken by what is stuck for as long as this takes.
        const stop = startWork(work, { concurrency: 10, leaseSeconds });
        try {
          await vi.waitFor(() => expect(done).toHaveLength(others.length), { timeout: 20_000 });
          expect(sorted(done)).toEqual(sorted(others));
          await vi.waitFor(async () => expect(await queue.deadLetters()).toHaveLength(1), {
            timeout: 20_000,
          });
          expect(await queue.deadLetters()).toEqual([
            { body: 'poison', reason: expect.stringContaining('tastes bad') },
          ]);
          expect(tries).toBeGreaterThan(1);
          isMended = true;
          expect(await queue.redrive()).toBe(1);
          await vi.waitFor(() => expect(done.at(-1)).toBe('poison'), { timeout: 20_000 });
        } finally {
          release.resolve();
          await stop();
        }
        expect(sorted(done)).toEqual(sorted(bodies));
        expect(await queue.deadLetters()).toEqual([]);
      }),
      60_000,
    );

    test(
      'refuses what is beyond its limits',
      withQueue(async (queue) => {
        const wrong: readonly NewMessage[] = [
          { body: '' },
          { body: 'x'.repeat(240 * 1024 + 1) },
          { body: 'ü'.repeat(120 * 1024 + 1) },
          { body: '\u0000' },
          { body: '\ud800' },
          { body: '\uffff' },
          { body: 'x', delaySeconds: 901 },
          { body: 'x', delaySeconds: 0.5 },
          { body: 'x', delaySeconds: -1 },
        ];
        for (const message of wrong) {
          await expect(queue.send([{ body: 'good' }, message])).rejects.toThrow(RangeError);
        }
        await expect(queue.receive({ limit: 0, leaseSeconds })).rejects.toThrow(RangeError);
        await expect(queue.receive({ limit: 11, leaseSeconds })).rejects.toThrow(RangeError);
        await expect(queue.receive({ limit: 1, leaseSeconds: 0 })).rejects.toThrow(RangeError);
        await expect(queue.receive({ limit: 1, leaseSeconds, waitSeconds: 21 })).rejects.toThrow(RangeError);
        await queue.send([{ body: 'good' }]);
        const message = await receiveOne(queue);
        await expect(queue.extend(message, 0)).rejects.toThrow(RangeError);
        await expect(queue.retry(message, 39_601)).rejects.toThrow(RangeError);
        expect(await queue.receive({ limit: 1, leaseSeconds })).toEqual([]);
      }),
    );

    test(
      'loses nothing among workers of which many fail, and gives a batch to one alone',
      withQueue(async (queue) => {
        const count = 400;
        await queue.send(Array.from({ length: count }, (_, index) => ({ body: String(index) })));
        const done: string[] = [];
        const received = new Set<string>();
        const work = async () => {
          while (done.length < count) {
            for (const message of await queue.receive({ limit: 10, leaseSeconds, waitSeconds: 1 })) {
              const receipt = `${message.id} ${message.attempts}`;
              expect(received.has(receipt)).toBe(false);
              received.add(receipt);
              if (message.attempts < 4 && Math.random() < 0.3) {
                await queue.retry(message, 0);
              } else {
                await queue.done(message);
                done.push(message.body);
              }
            }
          }
        };
        await Promise.all(Array.from({ length: 8 }, work));
        expect(new Set(done).size).toBe(count);
        expect(done).toHaveLength(count);
        expect(await queue.deadLetters()).toEqual([]);
      }),
    );
  });
}

/** Gives the seconds since it was made. */
function stopwatch(): () => number {
  const started = performance.now();
  return () => (performance.now() - started) / 1000;
}

async function receiveAll(queue: Queue, count: number): Promise<readonly Message[]> {
  const messages: Message[] = [];
  while (messages.length < count) {
    const batch = await queue.receive({ limit: 10, leaseSeconds, waitSeconds: 20 });
    if (batch.length === 0) throw new Error(`Only ${messages.length} of ${count} messages came.`);
    messages.push(...batch);
  }
  return messages;
}

async function receiveOne(queue: Queue, lease = leaseSeconds): Promise<Message> {
  const [message] = await queue.receive({ limit: 1, leaseSeconds: lease, waitSeconds: 20 });
  if (!message) throw new Error('No message came.');
  return message;
}

async function bodies(messages: Promise<readonly Message[]>): Promise<readonly string[]> {
  return (await messages).map(({ body }) => body);
}

function sorted(texts: readonly string[]): readonly string[] {
  return texts.toSorted();
}
