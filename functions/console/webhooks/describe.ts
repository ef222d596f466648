import type { MadeSecret } from '../ui/secret-dialog.tsx';
import type {
  Delivery,
  DeliveryAttempt,
  Webhook,
  WebhookEventType,
} from '../../../lib/client/webhook-contract.ts';

/** Webhooks and what they send, in words. */

/** What can be chosen in the console; the API knows some more. */
export const eventTypes: readonly (readonly [type: WebhookEventType, title: string])[] = [
  ['object.created', 'Created'],
  ['object.deleted', 'Deleted'],
  ['object.restore_completed', 'Restored from archive'],
  ['object.tags_added', 'Tags added'],
  ['object.tags_deleted', 'Tags deleted'],
];

export function describeFilters({ bucket, prefix = '', suffix, eventTypes: types }: Webhook): string {
  const where = bucket === undefined ? 'every bucket' : `${bucket}/${prefix}`;
  const prefixed = bucket === undefined && prefix !== '' ? `${where}, keys from ${prefix}` : where;
  const ending = suffix === undefined ? '' : `, ending in ${suffix}`;
  return `${types === undefined ? 'All events' : types.map(titleOf).join(', ')} in ${prefixed}${ending}`;
}

export function titleOf(type: Delivery['type']): string {
  if (type === 'webhook.ping') return 'Ping';
  return eventTypes.find(([known]) => known === type)?.[1] ?? type;
}

export const states: Readonly<Record<Webhook['state'], string>> = {
  active: 'Active',
  failing: 'Failing',
  disabled: 'Disabled',
};

export const statuses: Readonly<Record<Delivery['status'], string>> = {
  pending: 'Pending',
  succeeded: 'Succeeded',
  failed: 'Failed',
};

export function describeAttempt({ statusCode, error }: DeliveryAttempt): string {
  return statusCode === undefined ? (error ?? 'no answer') : `answered ${statusCode}`;
}

/** A webhook's secret, as it is shown this once. */
export function secretOf({ secret }: { readonly secret: string }, title: string): MadeSecret {
  return { title, label: 'Secret', text: secret, use: 'The receiver verifies with this secret.' };
}
