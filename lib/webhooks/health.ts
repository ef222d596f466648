import * as v from 'valibot';
import { backOffSeconds } from '../queue/back-off.ts';
import type { Records } from '../records/port.ts';

/**
 * How a webhook's receiver fares. One that fails again and again is asked less and less often, one request at a time, so
 * that it takes nobody's time; the first success brings everything back.
 */

const date = v.pipe(v.string(), v.isoTimestamp(), v.toDate());

const storedHealth = v.object({
  /** In a row. */
  failures: v.number(),
  /** What the last of them was. */
  lastFailure: v.optional(v.string()),
  failingSince: v.optional(date),
  /** Pauses in a row. */
  pauses: v.number(),
  pausedUntil: v.optional(date),
  /** When a message of the queue wakes the webhook's lane next. */
  wakeAt: v.optional(date),
});

export type Health = Readonly<v.InferOutput<typeof storedHealth>>;

export const wellHealth: Health = { failures: 0, pauses: 0 };

/** So many failures in a row make a receiver one that fails. */
const failuresBeforePause = 5;
const pause = { firstSeconds: 1, maxSeconds: 900 };

/** After so long, and so many requests, without a single success nothing more is sent. */
const maxFailingDays = 3;
const minFailures = 20;

export function isFailing({ failures }: Health): boolean {
  return failures >= failuresBeforePause;
}

export function isGivenUp({ failures, failingSince }: Health, now: Date): boolean {
  return (
    failures >= minFailures &&
    failingSince !== undefined &&
    now.getTime() - failingSince.getTime() >= maxFailingDays * 86_400_000
  );
}

/** @param random - from 0 to 1 */
export function afterFailure(health: Health, failure: string, now: Date, random: number): Health {
  const failures = health.failures + 1;
  const failed = { ...health, failures, lastFailure: failure, failingSince: health.failingSince ?? now };
  // Those that were under way together and fail together are one reason to pause.
  const isPaused = health.pausedUntil !== undefined && health.pausedUntil > now;
  if (failures < failuresBeforePause || isPaused) return failed;
  const pauses = health.pauses + 1;
  const seconds = backOffSeconds(pause, pauses, random);
  return { ...failed, pauses, pausedUntil: new Date(now.getTime() + seconds * 1000) };
}

export function afterSuccess(health: Health): Health {
  const { failures, wakeAt } = health;
  if (failures === 0) return health;
  return { ...wellHealth, ...(wakeAt && { wakeAt }) };
}

const partition = 'webhook-health';

export async function readHealth(records: Records, webhookId: string): Promise<Health> {
  const record = await records.get(partition, webhookId);
  return record ? v.parse(storedHealth, record.value) : wellHealth;
}

/** Only whoever works on the webhook's lane writes it. */
export async function writeHealth(records: Records, webhookId: string, health: Health): Promise<void> {
  await records.put({ partition, sort: webhookId, value: health });
}

export async function forgetHealth(records: Records, webhookId: string): Promise<void> {
  await records.delete(partition, webhookId);
}
