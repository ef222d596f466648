import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFanOut, type FanOut } from '../../lib/events/fan-out.ts';
import type { ObjectEvent } from '../../lib/events/object-event.ts';
import { parseObjectEvents } from '../../lib/events/parse.ts';
import type { Subscriber } from '../../lib/events/subscriber.ts';
import { PermanentError } from '../../lib/queue/errors.ts';
import type { Records } from '../../lib/records/port.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { eventBridge } from './messages.ts';

let folder = '';
let records: Records;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-fan-out-'));
  records = await openSqliteRecords({ file: join(folder, 'records.sqlite') });
});
afterEach(async () => {
  await records.close();
  await rm(folder, { recursive: true });
});

const now = () => new Date();
const fanOutTo = (...subscribers: Subscriber[]): FanOut => createFanOut({ subscribers, records, now });

function anEvent(sequencer: string): ObjectEvent {
  const [event] = parseObjectEvents(eventBridge('Object Created', { sequencer }));
  if (!event) throw new Error('There is no event.');
  return event;
}

/** Remembers what it was told, and fails as long as it is told to. */
function listener(name: string) {
  const told: string[] = [];
  const listener = {
    name,
    told,
    failure: undefined as Error | undefined,
    onEvent: async ({ id }: ObjectEvent) => {
      told.push(id);
      if (listener.failure) throw listener.failure;
    },
  };
  return listener;
}

test('an event reaches every subscriber, also when one of them fails', async () => {
  const [a, b, c] = [listener('a'), listener('b'), listener('c')];
  b.failure = new Error('out of order');
  const event = anEvent('01');
  await expect(fanOutTo(a, b, c).tell(event)).rejects.toThrow('b: out of order');
  expect([a.told, b.told, c.told]).toEqual([[event.id], [event.id], [event.id]]);
});

test('when it comes again, only those are told who have failed, and in the end nobody', async () => {
  const [a, b] = [listener('a'), listener('b')];
  b.failure = new Error('out of order');
  const event = anEvent('01');
  await expect(fanOutTo(a, b).tell(event)).rejects.toThrow();
  await expect(fanOutTo(a, b).tell(event)).rejects.toThrow();
  b.failure = undefined;
  await fanOutTo(a, b).tell(event);
  await fanOutTo(a, b).tell(event);
  expect([a.told.length, b.told.length]).toEqual([1, 3]);
});

test('it is given up only when nobody wants to be told again', async () => {
  const [a, b, c] = [listener('a'), listener('b'), listener('c')];
  a.failure = new PermanentError('not for me');
  b.failure = new Error('later');
  const event = anEvent('01');
  const first = await fanOutTo(a, b, c)
    .tell(event)
    .catch((error: unknown) => error);
  expect(first).not.toBeInstanceOf(PermanentError);
  b.failure = undefined;
  await expect(fanOutTo(a, b, c).tell(event)).rejects.toThrow(PermanentError);
  // After a redrive, with the cause mended.
  a.failure = undefined;
  await fanOutTo(a, b, c).tell(event);
  expect([a.told.length, b.told.length, c.told.length]).toEqual([3, 2, 1]);
});
