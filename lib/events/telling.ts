import * as v from 'valibot';
import { nameOfUpload } from '../uploads/upload-name.ts';
import { type ObjectEvent, objectEventTypes } from './object-event.ts';

/** What of an object is told outside. What storage does not tell is absent. */
const toldObject = v.object({
  bucket: v.string(),
  key: v.string(),
  sizeBytes: v.optional(v.number()),
  etag: v.optional(v.string()),
  versionId: v.optional(v.string()),
  contentType: v.optional(v.string()),
  /** With what the id of the upload that wrote the object begins, up to the dot. */
  uploadId: v.optional(v.string()),
  /** Orders the events of a key. */
  sequencer: v.optional(v.string()),
});

/** An event as it is told outside: to webhooks, and to those who look on. */
export const telling = v.object({
  type: v.picklist(objectEventTypes),
  timestamp: v.pipe(v.string(), v.isoTimestamp()),
  data: toldObject,
});

export type Telling = Readonly<v.InferOutput<typeof telling>>;

export function tell(event: ObjectEvent): Telling {
  const { type, time, bucket, key, sizeBytes, etag, versionId, contentType, sequencer } = event;
  const uploadId = uploadOf(event);
  return {
    type,
    timestamp: time.toISOString(),
    data: { bucket, key, sizeBytes, etag, versionId, contentType, uploadId, sequencer },
  };
}

/** A copy has the metadata of the upload that wrote its source. */
function uploadOf({ type, reason, upload }: ObjectEvent): string | undefined {
  return upload && type === 'object.created' && reason !== 'CopyObject'
    ? nameOfUpload(upload.marker)
    : undefined;
}
