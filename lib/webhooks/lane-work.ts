import { setTimeout as delay } from 'node:timers/promises';
import type { Queue } from '../queue/port.ts';
import type { Log } from '../telemetry/log.ts';
import { type AttemptDeps, attemptDelivery, type Outcome } from './attempt.ts';
import type { LostAuthority } from './authority.ts';
import { type Due, forgetDue, listDue } from './delivery-records.ts';
import {
  afterFailure,
  afterSuccess,
  type Health,
  isFailing,
  isGivenUp,
  readHealth,
  writeHealth,
} from './health.ts';
import type { Lane } from './lanes.ts';
import { wake } from './messages.ts';
import { disabled } from './webhook.ts';
import { changeWebhook, findWebhook, type Webhook } from './webhook-records.ts';

export interface LaneDeps extends AttemptDeps {
  readonly deliveries: Pick<Queue, 'send'>;
  readonly lostAuthority: LostAuthority;
  readonly log: Log;
}

/** What is due is read in stretches of this length. */
const readAhead = 50;

/** Shorter than what an operator would call a message that nobody works on. */
const longestDelaySeconds = 240;

/** Sends all that is due of a webhook, and has the lane woken when the next is. */
export async function workOnLane(webhookId: string, lane: Lane, deps: LaneDeps): Promise<void> {
  const { records, now, lostAuthority } = deps;
  const webhook = await findWebhook(records, webhookId);
  if (!webhook?.enabled) return;
  const lost = await lostAuthority(webhook);
  if (lost !== undefined) return disable(webhook, lost, deps);
  const shift = openShift(webhook, await readHealth(records, webhookId), lane, deps);
  await shift.work();
  if (shift.reasonToDisable() !== undefined) return disable(webhook, shift.reasonToDisable() ?? '', deps);
  await wakeAgain(webhook, shift.health(), await shift.nextTime(now()), deps);
}

/** One stretch of work on a lane. */
function openShift(webhook: Webhook, before: Health, lane: Lane, deps: LaneDeps) {
  const { webhookId, maxConcurrency, maxPerSecond = Infinity } = webhook;
  const { records, now } = deps;
  const underWay = new Map<string, Promise<void>>();
  const gapMilliseconds = 1000 / maxPerSecond;
  let nextSendAt = 0;
  let health = before;
  let saved = before;
  let gone: string | undefined;
  let fault: unknown;

  function note(outcome: Outcome): void {
    if (outcome.kind === 'succeeded') health = afterSuccess(health);
    else health = afterFailure(health, outcome.failure, now(), Math.random());
    if (outcome.kind === 'gone') gone = outcome.failure;
  }

  async function send(due: Due): Promise<void> {
    try {
      const outcome = await attemptDelivery(webhook, due, deps);
      if (outcome) note(outcome);
      // Sent and written down by somebody else, or past its time.
      else await forgetDue(records, due);
    } catch (error) {
      fault ??= error;
    } finally {
      underWay.delete(due.deliveryId);
    }
  }

  const isOver = () =>
    fault !== undefined ||
    gone !== undefined ||
    isGivenUp(health, now()) ||
    (health.pausedUntil !== undefined && health.pausedUntil > now()) ||
    lane.isTimeOver();

  /** What is due and not yet under way. */
  async function dueNow(): Promise<Due[]> {
    const found = await listDue(records, webhookId, readAhead + underWay.size);
    return found.filter(({ deliveryId, dueAt }) => dueAt <= now() && !underWay.has(deliveryId));
  }

  async function work(): Promise<void> {
    let waiting: Due[] = [];
    let asked: Promise<void> | undefined;
    while (!isOver()) {
      const width = isFailing(health) ? 1 : maxConcurrency;
      if (underWay.size >= width) {
        await Promise.race(underWay.values());
        continue;
      }
      // Before a look: who asks during it may have come too late for that one.
      asked ??= lane.asked(1000).finally(() => {
        asked = undefined;
      });
      const news = asked;
      if (waiting.length === 0) waiting = await dueNow();
      const next = waiting.shift();
      if (next) {
        const waitMilliseconds = nextSendAt - performance.now();
        if (waitMilliseconds > 0) await delay(waitMilliseconds);
        nextSendAt = performance.now() + gapMilliseconds;
        underWay.set(next.deliveryId, send(next));
      } else if (underWay.size === 0) break;
      else await Promise.race([...underWay.values(), news]);
    }
    await Promise.all(underWay.values());
    // Whoever works next on the lane knows nothing of this request.
    if (Number.isFinite(maxPerSecond)) await delay(Math.max(0, nextSendAt - performance.now()));
    if (health !== saved) await writeHealth(records, webhookId, health);
    saved = health;
    if (fault !== undefined) throw fault;
  }

  return {
    work,
    health: () => health,
    reasonToDisable: () =>
      gone ??
      (isGivenUp(health, now()) ? `Nothing has been received for days. ${health.lastFailure}` : undefined),
    /** When the lane has to be worked on next; `undefined` when nothing is waiting. */
    nextTime: async (time: Date): Promise<Date | undefined> => {
      const [first] = await listDue(records, webhookId, 1);
      if (!first) return undefined;
      return new Date(Math.max(first.dueAt.getTime(), health.pausedUntil?.getTime() ?? 0, time.getTime()));
    },
  };
}

/** Sends a message for later, unless one is on its way that comes early enough. */
async function wakeAgain(
  { webhookId }: Webhook,
  health: Health,
  at: Date | undefined,
  { records, deliveries, now }: LaneDeps,
): Promise<void> {
  if (!at) return;
  const time = now().getTime();
  const { wakeAt } = health;
  const isOnItsWay = wakeAt !== undefined && wakeAt.getTime() > time && wakeAt <= at;
  if (isOnItsWay) return;
  const delaySeconds = Math.min(longestDelaySeconds, Math.ceil((at.getTime() - time) / 1000));
  await deliveries.send([wake(webhookId, delaySeconds)]);
  await writeHealth(records, webhookId, { ...health, wakeAt: new Date(time + delaySeconds * 1000) });
}

async function disable(webhook: Webhook, reason: string, { records, log }: LaneDeps): Promise<void> {
  const { webhookId, tenant, url } = webhook;
  await changeWebhook(records, webhookId, (current) => disabled(current, reason));
  log('warn', 'A webhook was disabled', { webhookId, tenant, host: new URL(url).host, reason });
}
