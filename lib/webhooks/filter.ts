import type { ObjectEvent, ObjectEventType } from '../events/object-event.ts';

/** Which events a webhook wants. What is left out is not asked for. */
export interface WebhookFilter {
  readonly bucket?: string | undefined;
  readonly prefix?: string | undefined;
  readonly suffix?: string | undefined;
  readonly eventTypes?: readonly ObjectEventType[] | undefined;
  /** An event whose size nobody knows, such as a deletion's, passes whatever is asked of sizes. */
  readonly minSizeBytes?: number | undefined;
  readonly maxSizeBytes?: number | undefined;
}

export function matches(
  { bucket, prefix = '', suffix = '', eventTypes, minSizeBytes = 0, maxSizeBytes = Infinity }: WebhookFilter,
  { type, bucket: itsBucket, key, sizeBytes }: ObjectEvent,
): boolean {
  return (
    (bucket === undefined || bucket === itsBucket) &&
    (eventTypes === undefined || eventTypes.includes(type)) &&
    key.startsWith(prefix) &&
    key.endsWith(suffix) &&
    (sizeBytes === undefined || (sizeBytes >= minSizeBytes && sizeBytes <= maxSizeBytes))
  );
}
