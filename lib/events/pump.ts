import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '../embedded/events.ts';
import { toBody } from '../queue/limits.ts';
import type { Queue } from '../queue/port.ts';
import type { Log } from '../telemetry/log.ts';

export interface PumpDeps {
  readonly events: EventLog;
  readonly queue: Queue;
  readonly log: Log;
}

/** One commit of the queue takes all of these. */
const batchSize = 500;
/** Before a queue that has refused is tried again. */
const pauseSeconds = 1;

/**
 * Brings the events of the embedded store into the queue, each in the message that EventBridge would send. The store
 * forgets an event only once the queue has it on disk; so after a crash some come twice, and none is missing.
 *
 * @returns stops it
 */
export function startPump({ events, queue, log }: PumpDeps): () => Promise<void> {
  const stopped = new AbortController();
  const { signal } = stopped;
  let acknowledged: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    for (let after = 0; !signal.aborted;) {
      const batch = events.read(after, batchSize);
      const last = batch.at(-1);
      if (!last) {
        await events.more(signal);
        continue;
      }
      try {
        await queue.send(batch.map(({ event }) => ({ body: toBody(event) })));
      } catch (error) {
        log('error', 'The queue takes no events; they stay in the store meanwhile', { error });
        await delay(pauseSeconds * 1000, undefined, { signal }).catch(() => undefined);
        continue;
      }
      after = last.sequence;
      // The next events need not wait for it; a later acknowledgement holds for these, too.
      acknowledged = events
        .acknowledge(after)
        .catch((error: unknown) => log('error', 'Events in the queue could not be forgotten', { error }));
    }
    await acknowledged;
  }

  const running = run();
  return async () => {
    stopped.abort();
    await running;
  };
}
