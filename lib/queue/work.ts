import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../telemetry/log.ts';
import { createArrivals } from './arrivals.ts';
import { outcomeOf, type Patience } from './outcome.ts';
import type { Message, Queue } from './port.ts';

/** Work on the messages of a queue. */
export interface Work extends Patience {
  /** For the log. */
  readonly name: string;
  readonly queue: Queue;
  /** Does what a message asks for. An error means: again later, unless it is a {@link PermanentError}. */
  readonly handle: (message: Message) => Promise<void>;
  readonly log: Log;
}

export interface Pace {
  /** How many messages are worked on at once: a multiple of {@link laneWidth}, or less than it. */
  readonly concurrency: number;
  /** Longer than a message can take: after that somebody else gets it, too. */
  readonly leaseSeconds: number;
}

/** As many messages as a queue gives at once. */
const laneWidth = 10;

const waitSeconds = 20;
/** Before a queue that does not answer is asked again. */
const pauseSeconds = 1;

/**
 * Works for as long as the process runs. A message that takes long, or fails, holds up no other: there is a new one for
 * each that ends.
 *
 * @returns stops it: resolves when what is under way is done
 */
export function startWork(work: Work, { concurrency, leaseSeconds }: Pace): () => Promise<void> {
  const stopped = new AbortController();
  const { signal } = stopped;
  const { name, queue, log } = work;

  async function receive(limit: number): Promise<readonly Message[]> {
    try {
      return await queue.receive({ limit, leaseSeconds, waitSeconds, signal });
    } catch (error) {
      log('error', `No ${name} can be received; trying again`, { error });
      await delay(pauseSeconds * 1000, undefined, { signal }).catch(() => undefined);
      return [];
    }
  }

  async function lane(width: number): Promise<void> {
    const endings = createArrivals();
    const underWay = new Set<Message>();
    const begin = async (message: Message) => {
      underWay.add(message);
      await attempt(work, message);
      underWay.delete(message);
      endings.announce();
    };
    while (!signal.aborted) {
      for (const message of await receive(width - underWay.size)) void begin(message);
      while (underWay.size === width && !signal.aborted) await endings.next(leaseSeconds * 1000, signal);
    }
    while (underWay.size > 0) await endings.next(leaseSeconds * 1000);
  }

  const widths = Array.from({ length: Math.ceil(concurrency / laneWidth) }, () =>
    Math.min(concurrency, laneWidth),
  );
  const running = Promise.all(widths.map(lane));
  return async () => {
    stopped.abort();
    await running;
  };
}

/**
 * Works on messages that somebody else has received and will take away, such as Lambda.
 *
 * @returns the ids of those that have to come again
 */
export async function workOnBatch(work: Work, messages: readonly Message[]): Promise<readonly string[]> {
  const outcomes = await Promise.all(
    messages.map(async (message) => ({ message, settled: await handled(work, message) })),
  );
  return outcomes.filter(({ settled }) => !settled).map(({ message }) => message.id);
}

async function attempt(work: Work, message: Message): Promise<void> {
  if (!(await handled(work, message))) return;
  await work.queue.done(message).catch(untold(work, message));
}

/** @returns whether the message may go: its work is done, or it is set aside */
async function handled(work: Work, message: Message): Promise<boolean> {
  const { name, queue, log } = work;
  const { id, attempts } = message;
  try {
    await work.handle(message);
    return true;
  } catch (error) {
    const outcome = outcomeOf(error, attempts, work, Math.random());
    if (outcome.action === 'retry') {
      const { delaySeconds } = outcome;
      log('warn', `Failed: ${name}; to be tried again`, { messageId: id, attempts, delaySeconds, error });
      await queue.retry(message, delaySeconds).catch(untold(work, message));
      return false;
    }
    log('error', `Set aside: ${name}`, { messageId: id, attempts, reason: outcome.reason, error });
    return queue.deadLetter(message, outcome.reason).then(() => true, untold(work, message));
  }
}

/** The queue was not told how a message has ended, so it gives the message out again: that is all that follows. */
function untold({ name, log }: Work, { id }: Message): (error: unknown) => false {
  return (error) => {
    log('error', `The queue was not told how ${name} ended; it will come again`, { messageId: id, error });
    return false;
  };
}
