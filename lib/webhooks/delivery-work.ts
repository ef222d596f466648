import type { Queue } from '../queue/port.ts';
import type { Work } from '../queue/work.ts';
import { type DeliveryDeps, deliveryHandler } from './deliver.ts';

/** A message that has come so often, without anybody having said how it ended, is set aside by the queue itself. */
export const maxDeliveryReceipts = 20;

/** The work on the queue of deliveries, the same on every host. */
export function deliveryWork(queue: Queue, deps: DeliveryDeps): Work {
  return {
    name: 'webhook deliveries',
    queue,
    handle: deliveryHandler(deps),
    log: deps.log,
    backOff: { firstSeconds: 1, maxSeconds: 300 },
    maxAttempts: 5,
  };
}
