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
import { lostAuthority } from '../webhooks/authority.ts';
import { wakeOverdue } from '../webhooks/deliver.ts';
import { deliveryWork, maxDeliveryReceipts } from '../webhooks/delivery-work.ts';
import { processLanes } from '../webhooks/lanes.ts';
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
}

const eventPace = { concurrency: 60, leaseSeconds: 60 };
/** So many webhooks are worked on at once. */
const deliveryPace = { concurrency: 100, leaseSeconds: 60 };
const overduePauseSeconds = 60;

/** Starts all workers of the process, each on a queue of its own that survives it. */
export async function startWorkers(options: WorkersDeps): Promise<Workers> {
  const { dataDir, events, webhookTargets, ...others } = options;
  const { config, records, log, now } = others;
  const deliveries = await openSqliteQueue({
    file: join(dataDir, 'deliveries.sqlite'),
    maxAttempts: maxDeliveryReceipts,
  });
  const deps = { ...others, deliveries };
  const eventQueue = await openEventQueue(dataDir);
  const fanOut = createFanOut({ subscribers: createSubscribers(deps), records, now });
  const stopEventWork = startWork(objectEventWork({ queue: eventQueue, log }, fanOut), eventPace);
  const revocations = createRevocations(records, config, now);
  const delivering = {
    ...deps,
    posting: webhookTargets,
    lanes: processLanes(),
    lostAuthority: lostAuthority({ records, revocations, now }),
  };
  // Whoever was killed has left messages behind that come again when their lease is over, and webhooks are due now.
  await wakeOverdue(delivering, 0);
  const stopDeliveries = startWork(deliveryWork(deliveries, delivering), deliveryPace);
  const stopWaking = repeat(
    () => wakeOverdue(delivering),
    overduePauseSeconds,
    (error) => log('error', 'Webhooks that are overdue cannot be looked for', { error }),
  );
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
      await deliveries.close();
    },
  };
}
