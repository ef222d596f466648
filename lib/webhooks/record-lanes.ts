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

  return {
    run: async (webhookId, work) => {
      const owner = randomUUID();
      const isTimeOver = laneTime();
      let version = await take(webhookId, owner);
      const asked: Lane['asked'] = (milliseconds) => delay(Math.min(milliseconds, lookMilliseconds));
      for (let isDone = false; version !== undefined;) {
        if (!isTimeOver()) {
          await work({ asked, isTimeOver });
          isDone = true;
        }
        if (await records.delete(partition, webhookId, { version })) return isDone;
        isDone = false;
        const current = await records.get(partition, webhookId);
        // Gone, or another's: the lease was over.
        version = current?.value === owner ? current.version : undefined;
      }
      return true;
    },
  };
}
