import type { Work } from '../queue/work.ts';
import type { FanOut } from './fan-out.ts';
import { parseObjectEvents } from './parse.ts';

/** How often the work on an event is tried: over about half an hour, so that an outage of storage passes. */
const patience = { backOff: { firstSeconds: 2, maxSeconds: 900 }, maxAttempts: 14 };

/** What has come out of the queue's own hands so often is set aside without a look at it: a worker may die of it. */
export const maxReceipts = 20;

/**
 * Work on a queue of what storage tells: each message is read, and its events are brought to the subscribers.
 *
 * @param bucketOf - see {@link parseObjectEvents}
 */
export function objectEventWork(
  { queue, log }: Pick<Work, 'queue' | 'log'>,
  fanOut: FanOut,
  bucketOf?: (nameInStorage: string) => string,
): Work {
  return {
    ...patience,
    name: 'object event',
    queue,
    log,
    handle: async ({ body }) => {
      // One after the other: a message with several tells of one key's changes in their order.
      for (const event of parseObjectEvents(body, bucketOf)) await fanOut.tell(event);
    },
  };
}
