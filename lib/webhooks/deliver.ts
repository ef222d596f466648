import type { Message } from '../queue/port.ts';
import { listDue } from './delivery-records.ts';
import { type LaneDeps, workOnLane } from './lane-work.ts';
import type { Lanes } from './lanes.ts';
import { readMessage, wake } from './messages.ts';
import { replay } from './replay.ts';
import { allWebhooks } from './webhook-records.ts';

export interface DeliveryDeps extends LaneDeps {
  readonly lanes: Lanes;
}

/** Does what a message of the queue of deliveries asks for. */
export function deliveryHandler(deps: DeliveryDeps): (message: Pick<Message, 'body'>) => Promise<void> {
  const { lanes, deliveries } = deps;
  return async ({ body }) => {
    const message = readMessage(body);
    if (message.kind === 'replay') return replay(message, deps);
    const { webhookId } = message;
    const isDone = await lanes.run(webhookId, (lane) => workOnLane(webhookId, lane, deps));
    if (!isDone) await deliveries.send([wake(webhookId)]);
  };
}

/** What is so late has been forgotten. */
const lateSeconds = 60;

/**
 * Wakes the lanes of webhooks for which something is overdue: a message may have been lost, or a process killed. For
 * whatever runs from time to time.
 *
 * @param seconds - how late it has to be
 */
export async function wakeOverdue(
  { records, deliveries, now }: Pick<DeliveryDeps, 'records' | 'deliveries' | 'now'>,
  seconds = lateSeconds,
): Promise<void> {
  const enabled = (await allWebhooks(records)).filter((webhook) => webhook.enabled);
  for (const { webhookId } of enabled) {
    const [first] = await listDue(records, webhookId, 1);
    if (first && first.dueAt.getTime() <= now().getTime() - seconds * 1000) {
      await deliveries.send([wake(webhookId)]);
    }
  }
}
