import * as v from 'valibot';
import { toBody } from '../queue/limits.ts';
import type { NewMessage } from '../queue/port.ts';
import { PermanentError } from '../queue/errors.ts';

/** What the queue of deliveries carries. What is to be sent itself stands in the records. */
const deliveryMessage = v.variant('kind', [
  /** Something of a webhook may be due. */
  v.object({ kind: v.literal('wake'), webhookId: v.string() }),
  /** All of a stretch of time is wanted once more. */
  v.object({
    kind: v.literal('replay'),
    webhookId: v.string(),
    from: v.string(),
    to: v.string(),
    status: v.optional(v.picklist(['succeeded', 'failed'])),
    /** Where the last message of this replay has stopped. */
    after: v.optional(v.string()),
  }),
]);

export type DeliveryMessage = v.InferOutput<typeof deliveryMessage>;
export type ReplayMessage = Extract<DeliveryMessage, { readonly kind: 'replay' }>;

export function toMessage(message: DeliveryMessage, delaySeconds = 0): NewMessage {
  return { body: toBody(message), ...(delaySeconds > 0 && { delaySeconds }) };
}

export function wake(webhookId: string, delaySeconds?: number): NewMessage {
  return toMessage({ kind: 'wake', webhookId }, delaySeconds);
}

/** @throws PermanentError */
export function readMessage(body: string): DeliveryMessage {
  const { success, output } = v.safeParse(v.pipe(v.string(), v.parseJson(), deliveryMessage), body);
  if (success) return output;
  throw new PermanentError('The message is none of the deliveries.');
}
