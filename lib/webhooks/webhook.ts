import type * as v from 'valibot';
import { type Health, isFailing } from './health.ts';
import type { webhookChange } from './schema.ts';
import type { Webhook } from './webhook-records.ts';

/** What can be said of a webhook, and done to it, without asking anybody. */

type Change = v.InferOutput<typeof webhookChange>;

/** More secrets, the oldest ones, are dropped: each makes a signature, and headers have an end. */
const maxSecrets = 5;

/** Has a change to do with what is told to whom? */
export function concernsAuthority(change: Change): boolean {
  const { url, bucket, prefix, suffix, eventTypes, minSizeBytes, maxSizeBytes, enabled } = change;
  const told = [url, bucket, prefix, suffix, eventTypes, minSizeBytes, maxSizeBytes];
  return enabled === true || told.some((value) => value !== undefined);
}

/** The webhook after a change: what is absent stays, `null` goes. */
export function applyChange(webhook: Webhook, change: Change): Webhook {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const changes = Object.fromEntries(given.map(([name, value]) => [name, value ?? undefined]));
  const { disabledReason, ...rest } = webhook;
  const kept = change.enabled === undefined && disabledReason !== undefined ? { disabledReason } : {};
  return { ...rest, ...kept, ...changes };
}

export function disabled(webhook: Webhook, reason: string): Webhook {
  return { ...webhook, enabled: false, disabledReason: reason };
}

/** @param until - when the secrets so far end, unless they do sooner */
export function withNewSecret(webhook: Webhook, secret: string, now: Date, until: Date): Webhook {
  const previous = webhook.secrets
    .map((one) => ({ ...one, expiresAt: one.expiresAt && one.expiresAt < until ? one.expiresAt : until }))
    .filter(({ expiresAt }) => expiresAt > now);
  return { ...webhook, secrets: [{ secret, createdAt: now }, ...previous].slice(0, maxSecrets) };
}

/** All that count now, the newest first. */
export function livingSecrets({ secrets }: Webhook, now: Date): Webhook['secrets'] {
  return secrets.filter(({ expiresAt }) => !expiresAt || expiresAt > now);
}

/** All that may be told of a webhook. */
export function describeWebhook(webhook: Webhook, health: Health, now: Date) {
  const { enabled, authority, disabledReason } = webhook;
  const isInTrouble = enabled && isFailing(health);
  return {
    webhookId: webhook.webhookId,
    url: webhook.url,
    description: webhook.description,
    bucket: webhook.bucket,
    prefix: webhook.prefix,
    suffix: webhook.suffix,
    eventTypes: webhook.eventTypes,
    minSizeBytes: webhook.minSizeBytes,
    maxSizeBytes: webhook.maxSizeBytes,
    payloadVersion: webhook.payloadVersion,
    maxConcurrency: webhook.maxConcurrency,
    maxPerSecond: webhook.maxPerSecond,
    enabled,
    state: stateOf(webhook, health),
    reason: isInTrouble ? health.lastFailure : disabledReason,
    failingSince: isInTrouble ? health.failingSince : undefined,
    secrets: livingSecrets(webhook, now).map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
    tenant: webhook.tenant,
    createdAt: webhook.createdAt,
    createdBy: webhook.createdBy,
    expiresAt: authority.expiresAt,
  };
}

function stateOf({ enabled }: Webhook, health: Health): 'active' | 'failing' | 'disabled' {
  if (!enabled) return 'disabled';
  return isFailing(health) ? 'failing' : 'active';
}
