import type { ObjectEvent } from './object-event.ts';

/**
 * Somebody who wants to know what happens in the buckets. An event comes at least once, now and then twice, and not
 * always in its key's order: see {@link arrivalOf}.
 */
export interface Subscriber {
  /** Names it in logs, and in what is remembered of an event: it stays the same for good. */
  readonly name: string;
  /**
   * Takes note of an event. An error means: try again later. A {@link PermanentError} means: do not, set it aside.
   * What has not ended after {@link maxSubscriberSeconds} counts as failed.
   */
  readonly onEvent: (event: ObjectEvent) => Promise<void>;
}

/** Well within the lease of a message, and in Lambda within the time of a batch. */
export const maxSubscriberSeconds = 20;
