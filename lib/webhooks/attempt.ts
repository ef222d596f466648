import { backOffSeconds } from '../queue/back-off.ts';
import { changeDelivery, type Attempt, type Delivery, type Due, findDelivery } from './delivery-records.ts';
import { postWebhook, type PostOptions, type PostResult } from './post.ts';
import { signedWebhookHeaders } from './sign.ts';
import { livingSecrets } from './webhook.ts';
import type { Webhook } from './webhook-records.ts';
import type { Records } from '../records/port.ts';

/** For so long a delivery is tried again, from when it was made, or wanted once more. */
export const triedSeconds = 86_400;

const backOff = { firstSeconds: 5, maxSeconds: 4 * 3600 };

/** What is kept of an answer. */
const keptResponseCharacters = 1024;

/** What came of an attempt. `gone`: the receiver wants nothing more, ever (410). */
export type Outcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed' | 'gone'; readonly failure: string };

export interface AttemptDeps {
  readonly records: Records;
  readonly posting: PostOptions;
  readonly now: () => Date;
}

/**
 * Sends a delivery that is due, and writes down what came of it. Whoever dies in between sends it twice, with the same id.
 *
 * @returns `undefined` when there was nothing to send
 */
export async function attemptDelivery(
  webhook: Webhook,
  { deliveryId, dueAt }: Due,
  { records, posting, now }: AttemptDeps,
): Promise<Outcome | undefined> {
  const delivery = await findDelivery(records, deliveryId);
  if (delivery?.dueAt?.getTime() !== dueAt.getTime()) return undefined;
  const at = now();
  const { eventId: id, body } = delivery;
  const secrets = livingSecrets(webhook, at).map(({ secret }) => secret);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Stowage-Webhooks/1',
    ...signedWebhookHeaders({ id, body }, secrets, at),
  };
  const result = await postWebhook({ url: webhook.url, headers, body }, posting);
  const outcome = outcomeOf(result);
  const noted = (current: Delivery) => {
    const attempts = [...current.attempts, toAttempt(at, result)];
    // Wanted once more while it was under way: this attempt was not the one that is waited for.
    if (current.dueAt?.getTime() !== dueAt.getTime()) return { ...current, attempts };
    return { ...current, ...progress(current, outcome, now(), Math.random()), attempts };
  };
  await changeDelivery(records, deliveryId, noted, delivery);
  return outcome;
}

/**
 * Where a delivery stands after an attempt.
 *
 * @param random - from 0 to 1
 */
export function progress(
  { tries, since }: Pick<Delivery, 'tries' | 'since'>,
  { kind }: Outcome,
  now: Date,
  random: number,
): Pick<Delivery, 'status' | 'tries' | 'dueAt'> {
  const tried = { tries: tries + 1, dueAt: undefined };
  if (kind !== 'failed') return { ...tried, status: kind === 'succeeded' ? 'succeeded' : 'failed' };
  const dueAt = new Date(now.getTime() + backOffSeconds(backOff, tried.tries, random) * 1000);
  return dueAt.getTime() > since.getTime() + triedSeconds * 1000
    ? { ...tried, status: 'failed' }
    : { ...tried, status: 'pending', dueAt };
}

function outcomeOf({ statusCode, error = 'the connection failed' }: PostResult): Outcome {
  if (statusCode === undefined) return { kind: 'failed', failure: `The last request failed: ${error}` };
  if (statusCode >= 200 && statusCode < 300) return { kind: 'succeeded' };
  return { kind: statusCode === 410 ? 'gone' : 'failed', failure: `The receiver answered ${statusCode}.` };
}

function toAttempt(at: Date, { statusCode, error, response, durationMilliseconds }: PostResult): Attempt {
  return {
    at,
    statusCode,
    error,
    response: response?.slice(0, keptResponseCharacters),
    durationMilliseconds,
  };
}
