import type * as v from 'valibot';
import { type Health, isFailing } from './health.ts';
import type { webhookChange } from './schema.ts';
import type { Webhook } from './webhook-records.ts';

/** What can be said of a webhook, and done to it, without asking anybody. */

type Change = v.InferOutput<typeof webhookChange>;

/** More secrets, the oldest ones, are dropped: each makes a signature, and headers have an end. */
const maxSecrets = 5;

/** Has a change to do with what is told to whom? */
export function concernsAuthority({ description, maxConcurrency, maxPerSecond, ...rest }: Change): boolean {
  const { enabled, ...filters } = rest;
  return enabled === true || Object.values(filters).some((value) => value !== undefined);
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
  const { authority, secrets: _, disabledReason, ...shown } = webhook;
  const failing = isFailing(health);
  return {
    ...shown,
    ...stateOf(webhook, health),
    ...(failing && { failingSince: health.failingSince }),
    secrets: livingSecrets(webhook, now).map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
    expiresAt: authority.expiresAt,
  };
}

function stateOf({ enabled, disabledReason }: Webhook, health: Health) {
  if (!enabled) return { state: 'disabled', reason: disabledReason } as const;
  if (isFailing(health)) return { state: 'failing', reason: health.lastFailure } as const;
  return { state: 'active' } as const;
}
