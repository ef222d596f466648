import { createArrivals } from '../queue/arrivals.ts';

/**
 * A webhook has one lane: somebody works on it, or nobody does, never two at once. So limits of requests under way and
 * per second hold however many workers there are, and a receiver that takes its time takes that of one of them.
 *
 * What this file says of it is what the acceptance suite `test/contract/lanes.ts` asks of every adapter.
 */
export interface Lanes {
  /**
   * Works on a lane, unless somebody does already: then that one is told to look again, and does.
   *
   * @param work - done over and over, until nobody has asked to look again since it began, or its time is over
   * @returns false when its time was over and somebody had asked: the lane is free, and to be worked on once more
   */
  readonly run: (webhookId: string, work: (lane: Lane) => Promise<void>) => Promise<boolean>;
}

/** What whoever works on a lane knows of it. */
export interface Lane {
  /** Ends when somebody has asked to look again, or after so many milliseconds at the latest. */
  readonly asked: (milliseconds: number) => Promise<void>;
  /** Is it time to come to an end? */
  readonly isTimeOver: () => boolean;
}

/** For so long somebody works on a lane: messages, and functions of Lambda's, have their time. */
const laneSeconds = 30;

export function laneTime(): Lane['isTimeOver'] {
  const endsAt = performance.now() + laneSeconds * 1000;
  return () => performance.now() >= endsAt;
}

/** The lanes of a process that is the only one. */
export function processLanes(): Lanes {
  const running = new Map<string, () => void>();

  return {
    run: async (webhookId, work) => {
      const ask = running.get(webhookId);
      if (ask) {
        ask();
        return true;
      }
      const { announce, next } = createArrivals();
      const isTimeOver = laneTime();
      let isAsked = false;
      running.set(webhookId, () => {
        isAsked = true;
        announce();
      });
      try {
        do {
          isAsked = false;
          await work({ asked: (milliseconds) => next(milliseconds), isTimeOver });
        } while (isAsked && !isTimeOver());
        return !isAsked;
      } finally {
        running.delete(webhookId);
      }
    },
  };
}
