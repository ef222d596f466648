import { join } from 'node:path';
import type { EventLog } from '../embedded/events.ts';
import { createFanOut } from '../events/fan-out.ts';
import { maxReceipts, objectEventWork } from '../events/object-event-work.ts';
import { startPump } from '../events/pump.ts';
import { createSubscribers, type SubscriberDeps } from '../events/subscribers.ts';
import { openSqliteQueue } from '../queue/sqlite.ts';
import { startWork } from '../queue/work.ts';

/** What the process does beside answering requests. */
export interface Workers {
  /** Lets what is under way end. What is left waits in its queue for the next start. */
  readonly stop: () => Promise<void>;
}

export interface WorkersDeps extends SubscriberDeps {
  /** Where the queues are kept. */
  readonly dataDir: string;
  /** The embedded store's. Without it nothing tells this process of changes. */
  readonly events?: EventLog | undefined;
}

const eventPace = { concurrency: 60, leaseSeconds: 60 };

/** Starts all workers of the process, each on a queue of its own that survives it. */
export async function startWorkers({ dataDir, events, ...deps }: WorkersDeps): Promise<Workers> {
  const { records, log, now } = deps;
  const eventQueue = await openSqliteQueue({
    file: join(dataDir, 'events.sqlite'),
    maxAttempts: maxReceipts,
  });
  const fanOut = createFanOut({ subscribers: createSubscribers(deps), records, now });
  const stopEventWork = startWork(objectEventWork({ queue: eventQueue, log }, fanOut), eventPace);
  const stopPump = events && startPump({ events, queue: eventQueue, log });

  return {
    stop: async () => {
      await stopPump?.();
      await stopEventWork();
      await eventQueue.close();
    },
  };
}
