import { expect } from 'vitest';
import { addDelivery, findDelivery } from '../../../../lib/webhooks/delivery-records.ts';
import { comingAgain } from './coming-again.ts';
import { unreachableWebhook } from './unreachable-webhook.ts';
import type { FunctionUnderItsRole } from './under-its-role.ts';

/** Has a function deliver to a webhook that cannot be reached, replay, fail for now, and read what is no message. */
export async function deliverEverything({
  invoke,
  openQueue,
  openRecords,
}: FunctionUnderItsRole): Promise<void> {
  const records = openRecords?.();
  if (!records) return;
  const time = new Date();
  const webhookId = await unreachableWebhook(records);
  const deliveryId = await addDelivery(
    records,
    { webhookId, eventId: 'evt_1', type: 'object.created', time, body: '{}' },
    time,
  );
  const stretch = { from: new Date(0).toISOString(), to: time.toISOString() };
  const queue = openQueue();
  // No record can have such a key.
  const failing = JSON.stringify({ kind: 'wake', webhookId: '' });
  const again = await comingAgain(invoke, queue, [
    JSON.stringify({ kind: 'wake', webhookId }),
    JSON.stringify({ kind: 'replay', webhookId, ...stretch }),
    'no message',
    failing,
  ]);
  expect(again).toEqual([failing]);
  expect(await queue.deadLetters()).toEqual([
    { body: 'no message', reason: 'The message is none of the deliveries.' },
  ]);
  await queue.close();
  const delivery = await findDelivery(records, deliveryId);
  expect(delivery?.attempts).toMatchObject([{ error: '10.0.0.1 is not an address out on the internet.' }]);
  await records.close();
}
