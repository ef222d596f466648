import type { Records } from '../records/port.ts';
import { freshSeconds } from '../records/remembered.ts';
import type { LostAuthority } from './authority.ts';
import { disabled } from './webhook.ts';
import { allWebhooks, changeWebhook, type Webhook, webhooksGeneration } from './webhook-records.ts';

export interface KnownWebhooksOptions {
  readonly records: Records;
  readonly lostAuthority: LostAuthority;
  readonly now: () => Date;
}

/**
 * The webhooks that want events, as they stand: whoever was told that one is made gets every event from then on. They are
 * remembered, and one small record tells whether they are still the same; what they stand on is looked at again every
 * {@link freshSeconds}. One that has lost it is disabled.
 */
export function knownWebhooks({
  records,
  lostAuthority,
  now,
}: KnownWebhooksOptions): () => Promise<readonly Webhook[]> {
  let known: { generation: string | undefined; readAt: number; webhooks: readonly Webhook[] } | undefined;

  async function read(generation: string | undefined): Promise<readonly Webhook[]> {
    const readAt = now().getTime();
    const enabled = (await allWebhooks(records)).filter((webhook) => webhook.enabled);
    const losses = await Promise.all(enabled.map(lostAuthority));
    const webhooks = enabled.filter((_, index) => losses[index] === undefined);
    known = { generation, readAt, webhooks };
    for (const [index, reason] of losses.entries()) {
      const { webhookId } = enabled[index] ?? {};
      if (reason === undefined || webhookId === undefined) continue;
      await changeWebhook(records, webhookId, (current) => disabled(current, reason));
    }
    return webhooks;
  }

  return async () => {
    const generation = await webhooksGeneration(records);
    const isSame = known?.generation === generation;
    const isFresh = known && now().getTime() - known.readAt < freshSeconds * 1000;
    return known && isSame && isFresh ? known.webhooks : read(generation);
  };
}
