import type { WebhookEventType } from './webhook-contract.ts';

/** The contract of the feed of events: see `contract.ts`. */

/** A change in a bucket. What storage does not tell is absent. */
export interface ObjectEvent {
  /** The same however often the event comes, and in a webhook's `webhook-id`. */
  readonly eventId: string;
  readonly type: WebhookEventType;
  readonly timestamp: string;
  readonly data: {
    readonly bucket: string;
    readonly key: string;
    readonly sizeBytes?: number;
    readonly etag?: string;
    readonly versionId?: string;
    readonly contentType?: string;
    /** With what the id of the upload that wrote the object begins, up to the dot. */
    readonly uploadId?: string;
    /** Orders the events of a key. */
    readonly sequencer?: string;
  };
}

export interface EventPage {
  readonly events: readonly ObjectEvent[];
  /** Where the next page begins. Good for an hour. */
  readonly cursor: string;
  /** Is there more already? */
  readonly isMore: boolean;
}
