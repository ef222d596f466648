import { createWebhookSecret } from '../../../lib/webhooks/sign.ts';
import { addWebhook, type Webhook } from '../../../lib/webhooks/webhook-records.ts';
import type { Records } from '../../../lib/records/port.ts';
import { startReceiver, type WebhookReceiver } from '../../support/webhook-receiver.ts';

/** Receivers of webhooks, each for the keys of a lane of its own, and each with its own troubles. */

export interface ToldReceiver extends WebhookReceiver {
  /** What its webhook asks for. */
  readonly prefix: string;
}

export interface Receivers {
  readonly all: readonly ToldReceiver[];
  /** One of them is down, or is back. */
  readonly setDown: (isDown: boolean) => void;
  readonly close: () => Promise<void>;
}

export async function startReceivers(records: Records): Promise<Receivers> {
  let isDown = false;
  const answers = {
    steady: () => 200,
    down: () => (isDown ? 503 : 200),
    unlucky: () => (Math.random() < 0.05 ? 500 : 204),
    slow: () => new Promise<number>((resolve) => setTimeout(resolve, 20, 200)),
  };
  const all = await Promise.all(
    Object.values(answers).map(async (answer, index): Promise<ToldReceiver> => {
      const receiver = await startReceiver();
      receiver.answer(answer);
      const prefix = `${index}/`;
      await addWebhook(records, webhookTo(receiver.url, index, prefix));
      return { ...receiver, prefix };
    }),
  );
  return {
    all,
    setDown: (down) => {
      isDown = down;
    },
    close: async () => {
      for (const receiver of all) await receiver.close();
    },
  };
}

function webhookTo(url: string, index: number, prefix: string): Webhook {
  const createdAt = new Date();
  return {
    webhookId: `wh_chaos${String(index).padStart(11, '0')}`,
    url,
    prefix,
    payloadVersion: 1,
    maxConcurrency: 20,
    enabled: true,
    createdAt,
    createdBy: { kind: 'root', sub: 'root' },
    authority: { lineage: { tokenIds: [], issuedAtSeconds: Math.floor(createdAt.getTime() / 1000) } },
    secrets: [{ secret: createWebhookSecret(), createdAt }],
  };
}
