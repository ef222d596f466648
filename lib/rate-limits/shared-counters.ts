import { hash } from 'node:crypto';
import type { Records } from '../records/port.ts';
import type { Log } from '../telemetry/log.ts';
import { type Count, type Counters, createCounters, type CountersOptions } from './counters.ts';

export interface SharedCountersDeps {
  readonly records: Pick<Records, 'add'>;
  readonly log: Log;
  /** Milliseconds since 1970. Default: the system clock. */
  readonly now?: () => number;
}

export interface SharedCountersOptions extends Omit<CountersOptions, 'now'> {
  /** Tells these counters from others in the same records. */
  readonly name: string;
  /** What counts beyond it makes no difference, and is not written. */
  readonly limit: number;
}

/** Counts that the processes on the same records have in common. */
export type SharedCounters = Omit<Counters, 'increment'> & {
  readonly increment: (key: string) => Promise<Count>;
};

/** An answer that takes longer is not waited for, and the records are left alone for a while. */
const patienceMilliseconds = 1000;
const restMilliseconds = 5000;

/**
 * Counters as records: a hit is one atomic addition to the record of its key and window, and whoever adds learns what all
 * have. Windows begin with the clock's, so that all processes mean the same one. A key that is known to be over its limit
 * costs no addition until the window ends; one that another process has brought there is let in once, to learn of it.
 *
 * Nobody is refused because the records do not answer: until they do, each process counts by itself.
 */
export function sharedCountersOn({
  records,
  log,
  now = Date.now,
}: SharedCountersDeps): (options: SharedCountersOptions) => SharedCounters {
  let restsUntil = 0;
  let isOut = false;

  /** @returns undefined while the records do not answer */
  async function addOne(partition: string, sort: string, expiresAt: Date): Promise<number | undefined> {
    if (now() < restsUntil) return undefined;
    try {
      const addition = records.add({ partition, sort, deltas: { hits: 1 }, expiresAt });
      const { counters } = await withinPatience(addition);
      if (isOut) log('info', 'Rate limits are counted in the records again');
      isOut = false;
      return counters['hits'];
    } catch (error) {
      if (!isOut) log('warn', 'Rate limits are counted by this process alone', { error });
      isOut = true;
      restsUntil = now() + restMilliseconds;
      return undefined;
    }
  }

  return (options) => createSharedCounters(options, addOne, now);
}

function createSharedCounters(
  { name, limit, windowSeconds, maxKeys }: SharedCountersOptions,
  addOne: (partition: string, sort: string, expiresAt: Date) => Promise<number | undefined>,
  now: () => number,
): SharedCounters {
  const alone = createCounters({ windowSeconds, maxKeys, now });
  const known = new Map<string, number>();
  let windowStart = 0;

  /** The window's end. What is known of the one before is forgotten. */
  function enterWindow(): Date {
    const length = windowSeconds * 1000;
    const start = Math.floor(now() / length) * length;
    if (start !== windowStart) known.clear();
    windowStart = start;
    return new Date(start + length);
  }

  function learn(key: string, totalHits: number, ofWindow: number): void {
    enterWindow();
    if (ofWindow !== windowStart) return;
    if (!known.has(key) && known.size >= maxKeys) {
      const [oldest = ''] = known.keys();
      known.delete(oldest);
    }
    known.set(key, Math.max(totalHits, known.get(key) ?? 0));
  }

  return {
    get: (key) => {
      const resetTime = enterWindow();
      const totalHits = known.get(key);
      const own = alone.get(key);
      if (totalHits === undefined || (own && own.totalHits > totalHits)) return own;
      return { totalHits, resetTime };
    },

    increment: async (key) => {
      const resetTime = enterWindow();
      const totalHits = known.get(key) ?? 0;
      if (totalHits > limit) return { totalHits, resetTime };
      const partition = `rate-limits/${name}/${hash('sha256', key)}`;
      // Beyond the window's end, since the clocks of the processes may differ.
      const expiresAt = new Date(resetTime.getTime() + windowSeconds * 1000);
      const window = windowStart;
      const hits = await addOne(partition, String(window / 1000), expiresAt);
      if (hits === undefined) return { ...alone.increment(key) };
      learn(key, hits, window);
      return { totalHits: hits, resetTime };
    },

    // The process's own count is all that is taken back: the service takes back none.
    decrement: alone.decrement,
    resetKey: (key) => {
      known.delete(key);
      alone.resetKey(key);
    },
  };
}

async function withinPatience<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The records take too long.')), patienceMilliseconds);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
