import type { ObjectEvent } from '../events/object-event.ts';
import type { Webhook } from './webhook-records.ts';

/** What an event tells in each form of a body: once given out, a form stays as it is for good. */
const forms: Readonly<Record<Webhook['payloadVersion'], (event: ObjectEvent) => object>> = {
  1: ({ type, time, bucket, key, sizeBytes, etag, versionId }) => ({
    type,
    timestamp: time.toISOString(),
    data: { bucket, key, sizeBytes, etag, versionId },
  }),
};

export function bodyOf(event: ObjectEvent, version: Webhook['payloadVersion']): string {
  return JSON.stringify(forms[version](event));
}

/** The body of a try-out. */
export function pingBody(webhookId: string, now: Date): string {
  return JSON.stringify({ type: 'webhook.ping', timestamp: now.toISOString(), data: { webhookId } });
}
