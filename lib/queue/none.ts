import { StowageError } from '../errors.ts';
import type { Queue } from './port.ts';

/** The queue of a deployment that has none: nothing can be sent. */
export function noQueue(): Pick<Queue, 'send'> {
  return {
    send: async ({ length }) => {
      if (length > 0) throw new StowageError('queue_unavailable', 'This deployment has no such queue.');
    },
  };
}
