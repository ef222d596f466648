import { createArrivals } from '../../queue/arrivals.ts';
import type { Database } from '../../sqlite/database.ts';
import type { EventTable } from './events.ts';

/** The events that are on disk: a reader who saw others could tell of a change that a crash then undoes. */
export interface SettledEvents {
  /** The `sequence` of the last one. */
  readonly last: () => number;
  /** Ends when there may be more than there were, or with the signal. */
  readonly more: (signal: AbortSignal) => Promise<void>;
}

/** The longest time that a timer of Node's takes. */
const foreverMilliseconds = 2 ** 31 - 1;

/** Follows the commits of an index whose events are all on disk so far. */
export function followCommits(
  commit: Database['commit'],
  events: EventTable,
): { readonly commit: Database['commit']; readonly settledEvents: SettledEvents } {
  const arrivals = createArrivals();
  let last = events.newest();

  return {
    commit: async (change) => {
      const { result, newest } = await commit(() => {
        const before = events.additions();
        const result = change();
        return { result, newest: events.additions() > before ? events.newest() : 0 };
      });
      if (newest > last) {
        last = newest;
        arrivals.announce();
      }
      return result;
    },
    settledEvents: { last: () => last, more: (signal) => arrivals.next(foreverMilliseconds, signal) },
  };
}
