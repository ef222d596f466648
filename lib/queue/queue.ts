import { StowageError } from '../errors.ts';
import { checkLease, checkMessage, checkQuery, toReason } from './limits.ts';
import type { Queue } from './port.ts';

/** The port over what an adapter does: the same limits and errors on each. */
export function createQueue(adapter: Queue): Queue {
  return {
    ...createSender(adapter),
    receive: async (query) => {
      checkQuery(query);
      return query.signal?.aborted ? [] : answered(adapter.receive(query));
    },
    extend: async (message, leaseSeconds) => {
      checkLease(leaseSeconds, 1);
      await answered(adapter.extend(message, leaseSeconds));
    },
    done: (message) => answered(adapter.done(message)),
    retry: async (message, delaySeconds) => {
      checkLease(delaySeconds, 0);
      await answered(adapter.retry(message, delaySeconds));
    },
    deadLetter: (message, reason) => answered(adapter.deadLetter(message, toReason(reason))),
    deadLetters: () => answered(adapter.deadLetters()),
    redrive: () => answered(adapter.redrive()),
    close: adapter.close,
  };
}

/** The port for those who only send. */
export function createSender(adapter: Pick<Queue, 'send'>): Pick<Queue, 'send'> {
  return {
    send: async (messages) => {
      for (const message of messages) checkMessage(message);
      if (messages.length > 0) await answered(adapter.send(messages));
    },
  };
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new StowageError('queue_unavailable', 'The queue did not do its part; try again.', { cause });
  }
}
