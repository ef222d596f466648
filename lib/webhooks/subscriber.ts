import type { Subscriber } from '../events/subscriber.ts';
import type { Queue } from '../queue/port.ts';
import { addDelivery } from './delivery-records.ts';
import { matches } from './filter.ts';
import { knownWebhooks, type KnownWebhooksOptions } from './known-webhooks.ts';
import { wake } from './messages.ts';
import { bodyOf } from './payload.ts';

export interface WebhookSubscriberDeps extends KnownWebhooksOptions {
  readonly deliveries: Pick<Queue, 'send'>;
}

/** Makes a delivery of an event for each webhook that wants it. An event that comes twice makes none anew. */
export function webhookSubscriber(deps: WebhookSubscriberDeps): Subscriber {
  const { records, deliveries, now } = deps;
  const known = knownWebhooks(deps);
  return {
    name: 'webhooks',
    onEvent: async (event) => {
      const wanting = (await known()).filter((webhook) => matches(webhook, event));
      const { id: eventId, type, time, bucket, key } = event;
      const about = { eventId, type, time, object: { bucket, key } };
      await Promise.all(
        wanting.map(({ webhookId, payloadVersion }) =>
          addDelivery(records, { ...about, webhookId, body: bodyOf(event, payloadVersion) }, now()),
        ),
      );
      // Also for what was there already: whoever made it may have died before this.
      await deliveries.send(wanting.map(({ webhookId }) => wake(webhookId)));
    },
  };
}
