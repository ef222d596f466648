import type { Queue } from '../queue/port.ts';
import type { Records } from '../records/port.ts';
import { listDue } from './delivery-records.ts';
import { wake } from './messages.ts';
import { allWebhooks } from './webhook-records.ts';

export interface OverdueDeps {
  readonly records: Records;
  /** The queue of webhook deliveries. */
  readonly deliveries: Pick<Queue, 'send'>;
  readonly now: () => Date;
}

/** What is so late has been forgotten. */
const lateSeconds = 60;

/**
 * Wakes the lanes of webhooks for which something is overdue: a message may have been lost, or a process killed. For
 * whatever runs from time to time.
 *
 * @param seconds - how late it has to be
 * @returns how many it has woken
 */
export async function wakeOverdue(
  { records, deliveries, now }: OverdueDeps,
  seconds = lateSeconds,
): Promise<number> {
  const enabled = (await allWebhooks(records)).filter((webhook) => webhook.enabled);
  let woken = 0;
  for (const { webhookId } of enabled) {
    const [first] = await listDue(records, webhookId, 1);
    if (first && first.dueAt.getTime() <= now().getTime() - seconds * 1000) {
      await deliveries.send([wake(webhookId)]);
      woken += 1;
    }
  }
  return woken;
}
