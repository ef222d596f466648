/** How often something has happened within a window of time. */
export interface Count {
  readonly totalHits: number;
  /** When the count begins anew. */
  readonly resetTime: Date;
}

/** Counts by key, in windows of a fixed length. The form is the one that hono-rate-limiter asks its stores for. */
export interface Counters {
  get: (key: string) => Count | undefined;
  increment: (key: string) => Count;
  decrement: (key: string) => void;
  resetKey: (key: string) => void;
}

export interface CountersOptions {
  readonly windowSeconds: number;
  /** How many keys are counted at a time, some 200 bytes each; one more, and the oldest count is forgotten. */
  readonly maxKeys: number;
  /** Milliseconds since 1970. Default: the system clock. */
  readonly now?: () => number;
}

/** Counters in this process's memory, which is bounded: whoever makes up keys gets no more of it than `maxKeys`. */
export function createCounters({ windowSeconds, maxKeys, now = Date.now }: CountersOptions): Counters {
  /** In the order in which the windows began, and so in which they end. */
  const counts = new Map<string, { totalHits: number; readonly resetTime: Date }>();

  function current(key: string) {
    const count = counts.get(key);
    return count && count.resetTime.getTime() > now() ? count : undefined;
  }

  function begin(key: string) {
    counts.delete(key);
    for (const [oldest, { resetTime }] of counts) {
      if (counts.size < maxKeys && resetTime.getTime() > now()) break;
      counts.delete(oldest);
    }
    const count = { totalHits: 0, resetTime: new Date(now() + windowSeconds * 1000) };
    counts.set(key, count);
    return count;
  }

  return {
    get: current,
    increment: (key) => {
      const count = current(key) ?? begin(key);
      count.totalHits += 1;
      return count;
    },
    decrement: (key) => {
      const count = current(key);
      if (count) count.totalHits -= 1;
    },
    resetKey: (key) => counts.delete(key),
  };
}
