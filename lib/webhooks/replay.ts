import type { Queue } from '../queue/port.ts';
import type { Records } from '../records/port.ts';
import { changeDelivery, type Delivery, listDeliveries, timeOf } from './delivery-records.ts';
import { type ReplayMessage, toMessage, wake } from './messages.ts';

/** A delivery that is to be made once more, with a day for it anew. One that is pending becomes due. */
export function wanted(delivery: Delivery, now: Date): Delivery {
  return { ...delivery, status: 'pending', dueAt: now, since: now, tries: 0 };
}

export interface ReplayDeps {
  readonly records: Records;
  readonly deliveries: Pick<Queue, 'send'>;
  readonly now: () => Date;
}

/** So many deliveries are looked at for one message; the next message goes on behind them. */
const pageSize = 200;
const concurrency = 20;

/** Makes deliveries of a stretch of time due once more. Done twice, it sends some of them twice. */
export async function replay(
  message: ReplayMessage,
  { records, deliveries, now }: ReplayDeps,
): Promise<void> {
  const { webhookId, status, after } = message;
  const from = new Date(message.from);
  const to = new Date(message.to);
  const page = await listDeliveries(records, webhookId, { limit: pageSize, from, after });
  const within = page.deliveries.filter((delivery) => timeOf(delivery) <= to);
  const chosen = within.filter(
    (delivery) => delivery.status !== 'pending' && (status === undefined || delivery.status === status),
  );
  for (let start = 0; start < chosen.length; start += concurrency) {
    await Promise.all(
      chosen
        .slice(start, start + concurrency)
        .map(({ deliveryId }) => changeDelivery(records, deliveryId, (current) => wanted(current, now()))),
    );
  }
  const goesOn = page.next !== undefined && within.length === page.deliveries.length;
  await deliveries.send([
    ...(chosen.length > 0 ? [wake(webhookId)] : []),
    ...(goesOn ? [toMessage({ ...message, after: page.next })] : []),
  ]);
}
