import type { ObjectEvent } from '../events/object-event.ts';
import { tell } from '../events/telling.ts';
import type { Webhook } from './webhook-records.ts';

/** What an event tells in each form of a body. To one that was given out things are added, and nothing is taken away. */
const forms: Readonly<Record<Webhook['payloadVersion'], (event: ObjectEvent) => object>> = {
  1: tell,
};

export function bodyOf(event: ObjectEvent, version: Webhook['payloadVersion']): string {
  return JSON.stringify(forms[version](event));
}

/** The body of a try-out. */
export function pingBody(webhookId: string, now: Date): string {
  return JSON.stringify({ type: 'webhook.ping', timestamp: now.toISOString(), data: { webhookId } });
}
