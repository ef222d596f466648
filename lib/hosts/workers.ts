import type { EventLog } from '../embedded/events.ts';
import { createFanOut } from '../events/fan-out.ts';
import { objectEventWork } from '../events/object-event-work.ts';
import { startPump } from '../events/pump.ts';
import { createSubscribers, type SubscriberDeps } from '../events/subscribers.ts';
import type { Queue } from '../queue/port.ts';
import { startWork } from '../queue/work.ts';
import type { TargetRules } from '../webhooks/target.ts';
import { startDeliveries } from './deliveries.ts';
import { openProcessQueue } from './queues.ts';

/** What the process does beside answering requests. */
export interface Workers {
  /** The queue of webhook deliveries. */
  readonly deliveries: Pick<Queue, 'send'>;
  /** The queue of object events. */
  readonly objectEvents: Pick<Queue, 'send'>;
  /** Lets what is under way end. What is left waits in its queue for the next start. */
  readonly stop: () => Promise<void>;
}

export interface WorkersDeps extends Omit<SubscriberDeps, 'deliveries'> {
  /** Where the queues are kept. */
  readonly dataDir: string;
  /** The embedded store's. Another storage tells of its changes by notifications. */
  readonly events?: EventLog | undefined;
  /** Where webhooks may go. */
  readonly webhookTargets: TargetRules;
}

const pace = { concurrency: 60, leaseSeconds: 60 };

/** Starts all workers of the process, each on a queue of its own that survives it. */
export async function startWorkers(options: WorkersDeps): Promise<Workers> {
  const { dataDir, events, ...others } = options;
  const { records, log, now } = others;
  // The embedded store holds the data folder's lock.
  const takesOver = events !== undefined;
  const { deliveries, stop: stopDeliveries } = await startDeliveries({ ...options, takesOver });
  const queue = await openProcessQueue('events', dataDir, takesOver);
  const fanOut = createFanOut({
    subscribers: createSubscribers({ ...others, deliveries }),
    records,
    now,
  });
  const stopWork = startWork(objectEventWork({ queue, log }, fanOut), pace);
  const stopPump = events && startPump({ events, queue, log });

  return {
    deliveries,
    objectEvents: queue,
    stop: async () => {
      await stopPump?.();
      await stopWork();
      await queue.close();
      await stopDeliveries();
    },
  };
}
