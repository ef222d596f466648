import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Principal } from '../access/principal.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { readJson, readQuery } from '../http/input.ts';
import { demandOver, maySee, visibleWebhook } from './authority.ts';
import {
  addDelivery,
  changeDelivery,
  type Delivery,
  findDelivery,
  listDeliveries,
  webhookIdOf,
} from './delivery-records.ts';
import { deliveriesQuery, replayCommand } from './delivery-schema.ts';
import { toMessage, wake } from './messages.ts';
import { pingBody } from './payload.ts';
import { wanted } from './replay.ts';
import type { WebhookDeps } from './routes.ts';
import { findWebhook, type Webhook } from './webhook-records.ts';

type DeliveryDeps = Pick<WebhookDeps, 'records' | 'deliveries' | 'now'>;

/**
 * What was sent by a webhook, and sending it once more: `GET /v1/webhooks/{id}/deliveries`, `POST …/ping` and
 * `POST …/replay`. All of it takes `admin` and `read` over what the webhook names, since deliveries name objects.
 */
export function webhookDeliveryRoutes({ records, deliveries, now }: DeliveryDeps): Hono<AppEnv> {
  async function webhookIn(c: Context<AppEnv, '/:webhookId'>): Promise<Webhook> {
    const webhook = await visibleWebhook(records, c.var.principal, c.req.param('webhookId'));
    demandOver(c.var.principal, webhook, ['read']);
    return webhook;
  }

  return new Hono<AppEnv>()
    .get('/:webhookId/deliveries', async (c) => {
      const { webhookId } = await webhookIn(c);
      const { limit, cursor } = readQuery(c, deliveriesQuery);
      const { deliveries: found, next } = await listDeliveries(records, webhookId, { limit, after: cursor });
      return c.json({ deliveries: found.map(summarize), cursor: next });
    })

    .post('/:webhookId/ping', async (c) => {
      const webhook = await webhookIn(c);
      demandEnabled(webhook);
      const { webhookId } = webhook;
      const time = now();
      const deliveryId = await addDelivery(
        records,
        {
          webhookId,
          eventId: `evt_ping_${randomUUID()}`,
          type: 'webhook.ping',
          time,
          body: pingBody(webhookId, time),
        },
        time,
      );
      await deliveries.send([wake(webhookId)]);
      return c.json({ deliveryId }, 202);
    })

    .post('/:webhookId/replay', async (c) => {
      const webhook = await webhookIn(c);
      demandEnabled(webhook);
      const { from, to = now(), status } = await readJson(c, replayCommand);
      const { webhookId } = webhook;
      const stretch = { from: from.toISOString(), to: to.toISOString(), status };
      await deliveries.send([toMessage({ kind: 'replay', webhookId, ...stretch })]);
      return c.json({ webhookId, ...stretch }, 202);
    });
}

/** `/v1/deliveries`: one of them, with all that came of it, and `POST /v1/deliveries/{id}/replay`. */
export function deliveryRoutes({ records, deliveries, now }: DeliveryDeps): Hono<AppEnv> {
  async function deliveryIn(c: Context<AppEnv, '/:deliveryId'>) {
    const deliveryId = c.req.param('deliveryId');
    const { principal } = c.var;
    const webhook = await webhookOf(deliveryId, principal);
    const delivery = webhook && (await findDelivery(records, deliveryId));
    if (!webhook || !delivery) {
      throw new StowageError('delivery_not_found', `There is no delivery "${deliveryId}", or not any more.`);
    }
    demandOver(principal, webhook, ['read']);
    return { webhook, delivery };
  }

  async function webhookOf(deliveryId: string, principal: Principal): Promise<Webhook | undefined> {
    const webhookId = webhookIdOf(deliveryId);
    const webhook = webhookId === undefined ? undefined : await findWebhook(records, webhookId);
    return webhook && maySee(principal, webhook) ? webhook : undefined;
  }

  return new Hono<AppEnv>()
    .get('/:deliveryId', async (c) => {
      const { delivery } = await deliveryIn(c);
      const { body, attempts } = delivery;
      return c.json({ ...summarize(delivery), body, attempts });
    })

    .post('/:deliveryId/replay', async (c) => {
      const { webhook, delivery } = await deliveryIn(c);
      demandEnabled(webhook);
      const { deliveryId } = delivery;
      await changeDelivery(records, deliveryId, (current) => wanted(current, now()));
      await deliveries.send([wake(webhook.webhookId)]);
      return c.json({ deliveryId }, 202);
    });
}

/** @throws StowageError `webhook_disabled` */
function demandEnabled({ enabled, webhookId }: Webhook): void {
  if (enabled) return;
  throw new StowageError('webhook_disabled', `The webhook "${webhookId}" is disabled; enable it first.`);
}

function summarize(delivery: Delivery) {
  const { deliveryId, eventId, type, object, status, dueAt, attempts } = delivery;
  return {
    deliveryId,
    webhookId: webhookIdOf(deliveryId),
    eventId,
    type,
    object,
    status,
    nextAttemptAt: dueAt,
    attempts: attempts.map(({ at, statusCode, error, durationMilliseconds }) => ({
      at,
      statusCode,
      error,
      durationMilliseconds,
    })),
  };
}
