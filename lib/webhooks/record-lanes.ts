import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Records } from '../records/port.ts';
import { type Lane, type Lanes, laneTime } from './lanes.ts';

const partition = 'webhook-lanes';

/** Longer than the work may take: after that the lane is free, whatever became of the worker. */
const leaseSeconds = 60;

/** Nobody hears another process, so whoever works looks again from time to time. */
const lookMilliseconds = 500;

export interface RecordLanesOptions {
  readonly records: Records;
  readonly now: () => Date;
}

/**
 * The lanes of several processes that share records. A lane that somebody works on has a record; to ask that one to look
 * again is to write it once more, by which it has another version than the one that its owner would take away.
 */
export function recordLanes({ records, now }: RecordLanesOptions): Lanes {
  /** @returns the version by which the lane is ours; `undefined` when it is another's, who has been asked to look again */
  async function take(webhookId: string, owner: string): Promise<string | undefined> {
    for (;;) {
      const expiresAt = new Date(now().getTime() + leaseSeconds * 1000);
      const taken = await records.put({ partition, sort: webhookId, value: owner, expiresAt }, 'absent');
      if (taken !== undefined) return taken;
      const theirs = await records.get(partition, webhookId);
      if (!theirs) continue;
      const { version, value } = theirs;
      const asked = { partition, sort: webhookId, value, expiresAt: theirs.expiresAt };
      if ((await records.put(asked, { version })) !== undefined) return undefined;
    }
  }

  /** The version by which the lane is still ours: of those that asked meanwhile each has made another. */
  async function versionOf(webhookId: string, owner: string): Promise<string | undefined> {
    const current = await records.get(partition, webhookId);
    return current?.value === owner ? current.version : undefined;
  }

  /** Gives the lane up without having looked again: the message that led here comes once more. */
  async function giveUp(webhookId: string, owner: string): Promise<void> {
    for (;;) {
      const version = await versionOf(webhookId, owner);
      if (version === undefined || (await records.delete(partition, webhookId, { version }))) return;
    }
  }

  const asked: Lane['asked'] = (milliseconds) => delay(Math.min(milliseconds, lookMilliseconds));

  return {
    run: async (webhookId, work) => {
      const owner = randomUUID();
      const isTimeOver = laneTime();
      for (let version = await take(webhookId, owner); version !== undefined;) {
        const isDone = !isTimeOver();
        try {
          if (isDone) await work({ asked, isTimeOver });
        } catch (error) {
          await giveUp(webhookId, owner);
          throw error;
        }
        if (await records.delete(partition, webhookId, { version })) return isDone;
        version = await versionOf(webhookId, owner);
      }
      return true;
    },
  };
}
