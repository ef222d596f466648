import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFanOut } from '../../lib/events/fan-out.ts';
import { objectEventWork } from '../../lib/events/object-event-work.ts';
import { openSqliteQueue } from '../../lib/queue/sqlite.ts';
import { startWork, type Work } from '../../lib/queue/work.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { eventBridge } from '../events/messages.ts';
import type { Bench } from './harness.ts';

/**
 * Events through queue and fan-out to three subscribers that have nothing to do, beside messages through the bare queue:
 * what reading an event, looking up who is done, and telling them cost. 2,000 events a second are 500 µs an event.
 */

const events = 4000;
const batch = 500;
const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-events-'));
const queue = await openSqliteQueue({ file: join(folder, 'queue.sqlite'), maxAttempts: 20 });
const records = await openSqliteRecords({ file: join(folder, 'records.sqlite') });
const now = () => new Date();
const log = () => {};

let sequence = 0;
let arrived = 0;
let whole = Promise.withResolvers<void>();
const count = async () => {
  arrived += 1;
  if (arrived === events) whole.resolve();
};

const subscribers = ['first', 'second', 'third'].map((name) => ({
  name,
  onEvent: name === 'third' ? count : async () => {},
}));
const throughFanOut = objectEventWork({ queue, log }, createFanOut({ subscribers, records, now }));

/** Microseconds an event, from the first one's sending to the last one's arrival. */
function sampleOf(work: Work): () => Promise<number> {
  return async () => {
    arrived = 0;
    whole = Promise.withResolvers();
    const stop = startWork(work, { concurrency: 60, leaseSeconds: 60 });
    const start = performance.now();
    for (let sent = 0; sent < events; sent += batch) {
      const bodies = Array.from({ length: batch }, () => {
        sequence += 1;
        return {
          body: eventBridge('Object Created', { sequencer: sequence.toString(16).padStart(16, '0') }),
        };
      });
      await queue.send(bodies);
    }
    await whole.promise;
    const microseconds = ((performance.now() - start) * 1000) / events;
    await stop();
    return microseconds;
  };
}

export const benches: readonly Bench[] = [
  {
    name: 'events through fan-out',
    reference: 'the bare queue',
    unit: 'µs an event',
    rounds: 5,
    sampleOurs: sampleOf(throughFanOut),
    sampleReference: sampleOf({ ...throughFanOut, handle: count }),
    bar: { timesFaster: 0.4 },
    close: async () => {
      await queue.close();
      await records.close();
      await rm(folder, { recursive: true });
    },
  },
];
