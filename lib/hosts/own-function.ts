import type { ObjectEvent } from '../events/object-event.ts';
import type { Subscriber } from '../events/subscriber.ts';
import type { Log } from '../telemetry/log.ts';

/**
 * What a team itself does on a change in a bucket. An event comes at least once, now and then twice: `event.id` is the
 * same then. An error means: try again later.
 */
export type OnObjectEvent = (event: ObjectEvent, tools: { readonly log: Log }) => Promise<void>;

export interface OwnFunction {
  /** For the process, as one subscriber among the others. */
  readonly subscriber: (log: Log) => Subscriber;
}

/** Makes a function of one's own run in the process, from `functions/on-object-event.ts`. */
export function ownFunction(onObjectEvent: OnObjectEvent): OwnFunction {
  return {
    subscriber: (log) => ({ name: 'own', onEvent: (event) => onObjectEvent(event, { log }) }),
  };
}
