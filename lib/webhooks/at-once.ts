import type { NewMessage, Queue } from '../queue/port.ts';
import type { Work } from '../queue/work.ts';
import { readMessage } from './messages.ts';

/** So many webhooks are worked on without the queue. */
const most = 100;

export interface AtOnce {
  /** The queue of deliveries, for those who send. */
  readonly deliveries: Pick<Queue, 'send'>;
  /** Lets what is under way end. */
  readonly drained: () => Promise<void>;
}

/**
 * The queue of deliveries where one process does all: a webhook for which something is due now is worked on at once, and
 * the way through the queue's file is spared. The queue carries what is for later, what would be too much at once, and
 * what has failed. What is due stands in the records, so a process that is killed finds it when it starts again.
 */
export function workingAtOnce(queue: Pick<Queue, 'send'>, { handle, log, name }: AtOnceWork): AtOnce {
  const underWay = new Set<Promise<void>>();

  async function work(message: NewMessage): Promise<void> {
    try {
      await handle(message);
    } catch (error) {
      log('warn', `Failed: ${name}; to be tried again`, { error });
      await queue.send([message]).catch((cause: unknown) => {
        log('error', `The queue was not told of ${name}; they wait until they are overdue`, { error: cause });
      });
    }
  }

  function begin(message: NewMessage): void {
    const ending = work(message).finally(() => underWay.delete(ending));
    underWay.add(ending);
  }

  return {
    deliveries: {
      send: async (messages) => {
        const rest = messages.filter((message) => {
          const isNow = (message.delaySeconds ?? 0) === 0 && readMessage(message.body).kind === 'wake';
          if (!isNow || underWay.size >= most) return true;
          begin(message);
          return false;
        });
        await queue.send(rest);
      },
    },
    drained: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

interface AtOnceWork extends Pick<Work, 'name' | 'log'> {
  readonly handle: (message: NewMessage) => Promise<void>;
}
