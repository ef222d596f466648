import { join } from 'node:path';
import { createRevocations } from '../access/revocations.ts';
import type { EventLog } from '../embedded/events.ts';
import { createFanOut } from '../events/fan-out.ts';
import { objectEventWork } from '../events/object-event-work.ts';
import { startPump } from '../events/pump.ts';
import { openEventQueue } from '../events/redrive.ts';
import { createSubscribers, type SubscriberDeps } from '../events/subscribers.ts';
import type { Queue } from '../queue/port.ts';
import { openSqliteQueue } from '../queue/sqlite.ts';
import { startWork } from '../queue/work.ts';
import { workingAtOnce } from '../webhooks/at-once.ts';
import { lostAuthority } from '../webhooks/authority.ts';
import { deliveryHandler, wakeOverdue } from '../webhooks/deliver.ts';
import { deliveryWork, maxDeliveryReceipts } from '../webhooks/delivery-work.ts';
import { keepConnections } from '../webhooks/kept-connections.ts';
import type { Lanes } from '../webhooks/lanes.ts';
import type { TargetRules } from '../webhooks/target.ts';
import { repeat } from './repeat.ts';

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
  /** Of the webhooks: the process's own, or those that it shares. */
  readonly lanes: Lanes;
}

const eventPace = { concurrency: 60, leaseSeconds: 60 };
/** So many webhooks are worked on at once. */
const deliveryPace = { concurrency: 100, leaseSeconds: 60 };
const overduePauseSeconds = 60;

/** Starts all workers of the process, each on a queue of its own that survives it. */
export async function startWorkers(options: WorkersDeps): Promise<Workers> {
  const { dataDir, events, webhookTargets, lanes, ...others } = options;
  const { config, records, log, now } = others;
  // The embedded store holds the data folder's lock.
  const takesOver = events !== undefined;
  const queue = await openSqliteQueue({
    file: join(dataDir, 'deliveries.sqlite'),
    maxAttempts: maxDeliveryReceipts,
    takesOver,
  });
  const revocations = createRevocations(records, config, now);
  const connections = keepConnections();
  const delivering = {
    ...others,
    deliveries: queue,
    posting: { ...webhookTargets, connections },
    lanes,
    lostAuthority: lostAuthority({ records, revocations, now }),
  };
  const work = deliveryWork(queue, delivering);
  const { deliveries, drained } = workingAtOnce(queue, { ...work, handle: deliveryHandler(delivering) });
  // Whoever was killed has left webhooks behind that are due now.
  await wakeOverdue(delivering, 0);
  const stopDeliveries = startWork(work, deliveryPace);
  const stopWaking = repeat(
    () => wakeOverdue(delivering),
    overduePauseSeconds,
    (error) => log('error', 'Webhooks that are overdue cannot be looked for', { error }),
  );
  const eventQueue = await openEventQueue(dataDir, takesOver);
  const fanOut = createFanOut({
    subscribers: createSubscribers({ ...others, deliveries }),
    records,
    now,
  });
  const stopEventWork = startWork(objectEventWork({ queue: eventQueue, log }, fanOut), eventPace);
  const stopPump = events && startPump({ events, queue: eventQueue, log });

  return {
    deliveries,
    objectEvents: eventQueue,
    stop: async () => {
      await stopPump?.();
      await stopEventWork();
      await eventQueue.close();
      await stopWaking();
      await stopDeliveries();
      await drained();
      connections.close();
      await queue.close();
    },
  };
}
