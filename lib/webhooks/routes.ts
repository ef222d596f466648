import { randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { allowsAnywhere } from '../access/grants.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { Config } from '../config/schema.ts';
import { type InputFault, StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { readJson, readOptionalJson, readQuery } from '../http/input.ts';
import type { Queue } from '../queue/port.ts';
import type { Records } from '../records/port.ts';
import { authorityOf, demandOver, maySee, visibleWebhook } from './authority.ts';
import type { WebhookFilter } from './filter.ts';
import { forgetHealth, readHealth } from './health.ts';
import { wake } from './messages.ts';
import { rotateSecretCommand, webhookChange, webhookCommand, webhooksQuery } from './schema.ts';
import { createWebhookSecret } from './sign.ts';
import { faultOfTarget, type TargetRules } from './target.ts';
import {
  addWebhook,
  allWebhooks,
  changeWebhook,
  listWebhooks,
  type Webhook,
  webhookNotFound,
} from './webhook-records.ts';
import { applyChange, concernsAuthority, describeWebhook, withNewSecret } from './webhook.ts';

export interface WebhookDeps {
  readonly config: Config;
  readonly records: Records;
  /** The queue of deliveries. */
  readonly deliveries: Pick<Queue, 'send'>;
  readonly targets: TargetRules;
  readonly now: () => Date;
}

/** Of one tenant, or of all callers without one. Each is looked at for every event. */
const maxWebhooks = 100;

/**
 * `/v1/webhooks`: make, list, look at, change, give a new secret and delete. It takes `admin` over all that a webhook
 * names: its bucket, or every one, from its prefix on; to make it or to change what it gets takes `read` there, too.
 */
export function webhookRoutes({ config, records, deliveries, targets, now }: WebhookDeps): Hono<AppEnv> {
  /** @throws StowageError `invalid_request` with every fault; `bucket_not_found` */
  async function demandSane({ url, ...filter }: WebhookFilter & { readonly url: string }): Promise<void> {
    if (filter.bucket !== undefined) rulesOf(config, filter.bucket);
    const address = await faultOfTarget(url, targets);
    const { minSizeBytes = 0, maxSizeBytes = Infinity } = filter;
    const errors: InputFault[] = [
      ...(address === undefined ? [] : [{ path: 'url', message: address }]),
      ...(minSizeBytes <= maxSizeBytes
        ? []
        : [{ path: 'maxSizeBytes', message: 'is less than minSizeBytes' }]),
    ];
    if (errors.length === 0) return;
    const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
    throw new StowageError('invalid_request', detail, { errors });
  }

  /** Changes the webhook in the path, which must be one that the caller may see. */
  async function change(
    c: Context<AppEnv, '/:webhookId'>,
    to: (webhook: Webhook) => Webhook | undefined,
  ): Promise<Webhook | undefined> {
    return changeWebhook(records, c.req.param('webhookId'), (webhook) => {
      if (!maySee(c.var.principal, webhook)) throw webhookNotFound(webhook.webhookId);
      return to(webhook);
    });
  }

  async function describe(webhook: Webhook) {
    return describeWebhook(webhook, await readHealth(records, webhook.webhookId), now());
  }

  return new Hono<AppEnv>()
    .post('/', async (c) => {
      const { principal } = c.var;
      const command = await readJson(c, webhookCommand);
      demandOver(principal, command, ['admin', 'read']);
      await demandSane(command);
      const { tenant, kind, sub } = principal;
      const others = (await allWebhooks(records)).filter((webhook) => webhook.tenant === tenant);
      if (others.length >= maxWebhooks) {
        throw new StowageError(
          'too_many_webhooks',
          `There may be ${maxWebhooks} webhooks; delete one first.`,
        );
      }
      const createdAt = now();
      const secret = createWebhookSecret();
      const webhook: Webhook = {
        ...command,
        webhookId: `wh_${randomBytes(12).toString('base64url')}`,
        tenant,
        createdAt,
        createdBy: { kind, sub },
        authority: authorityOf(principal, createdAt),
        secrets: [{ secret, createdAt }],
      };
      await addWebhook(records, webhook);
      return c.json({ ...(await describe(webhook)), secret }, 201);
    })

    .get('/', async (c) => {
      const { principal } = c.var;
      if (!allowsAnywhere(principal.grants, 'admin')) {
        throw new StowageError('access_denied', 'No grant allows admin anywhere.');
      }
      const { cursor } = readQuery(c, webhooksQuery);
      const { webhooks, next } = await listWebhooks(records, cursor);
      const visible = webhooks.filter((webhook) => maySee(principal, webhook));
      return c.json({ webhooks: await Promise.all(visible.map(describe)), cursor: next });
    })

    .get('/:webhookId', async (c) =>
      c.json(await describe(await visibleWebhook(records, c.var.principal, c.req.param('webhookId')))),
    )

    .patch('/:webhookId', async (c) => {
      const { principal } = c.var;
      const command = await readJson(c, webhookChange);
      const before = await visibleWebhook(records, c.var.principal, c.req.param('webhookId'));
      const isAboutEvents = concernsAuthority(command);
      const wanted = applyChange(before, command);
      if (isAboutEvents) {
        demandOver(principal, wanted, ['admin', 'read']);
        await demandSane(wanted);
      }
      const changed = await change(c, (webhook) => {
        const after = applyChange(webhook, command);
        if (!isAboutEvents) return after;
        demandOver(principal, after, ['admin', 'read']);
        return { ...after, authority: authorityOf(principal, now()) };
      });
      if (command.enabled) {
        // What has waited goes out, and earlier failures count no more.
        await forgetHealth(records, before.webhookId);
        await deliveries.send([wake(before.webhookId)]);
      }
      return c.json(changed && (await describe(changed)));
    })

    .post('/:webhookId/rotate-secret', async (c) => {
      const { overlapSeconds } = await readOptionalJson(c, rotateSecretCommand);
      const secret = createWebhookSecret();
      const time = now();
      const until = new Date(time.getTime() + overlapSeconds * 1000);
      await change(c, (webhook) => withNewSecret(webhook, secret, time, until));
      const webhookId = c.req.param('webhookId');
      return c.json({ webhookId, secret, ...(overlapSeconds > 0 && { previousUntil: until }) });
    })

    .delete('/:webhookId', async (c) => {
      await change(c, () => undefined);
      await forgetHealth(records, c.req.param('webhookId'));
      return c.body(null, 204);
    });
}
