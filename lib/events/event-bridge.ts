import * as v from 'valibot';
import { readOwnMetadata } from '../uploads/own-metadata.ts';
import { checksumAlgorithms } from '../uploads/schema.ts';
import { optionalEtag, optionalSequencer, optionalSize, optionalText, time } from './fields.ts';
import type { ObjectChange, ObjectEventType } from './object-event.ts';

/**
 * What S3 sends to EventBridge. The embedded store writes the same, and beside it the object's `checksum`, `content-type`
 * and `metadata`, which S3 leaves out.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export const eventBridgeMessage = v.object({
  'detail-type': v.string(),
  time,
  detail: v.object({
    // Another major version would have other fields; S3 asks for this very comparison.
    'event-version': v.optional(
      v.pipe(v.string(), v.regex(/^1\.\d+$/, 'is a version that is not known here')),
    ),
    bucket: v.object({ name: v.string() }),
    object: v.object({
      key: v.string(),
      size: optionalSize,
      etag: optionalEtag,
      'version-id': optionalText,
      sequencer: optionalSequencer,
      checksum: v.optional(v.object({ algorithm: v.picklist(checksumAlgorithms), value: v.string() })),
      'content-type': optionalText,
      metadata: v.optional(v.record(v.string(), v.string())),
    }),
    'request-id': optionalText,
    requester: optionalText,
    reason: optionalText,
    'deletion-type': optionalText,
    'restore-expiry-time': v.optional(time),
    'source-storage-class': optionalText,
    'destination-storage-class': optionalText,
  }),
});

const types: Readonly<Record<string, ObjectEventType>> = {
  'Object Created': 'object.created',
  'Object Deleted': 'object.deleted',
  'Object Restore Initiated': 'object.restore_initiated',
  'Object Restore Completed': 'object.restore_completed',
  'Object Restore Expired': 'object.restore_expired',
  'Object Tags Added': 'object.tags_added',
  'Object Tags Deleted': 'object.tags_deleted',
  'Object ACL Updated': 'object.acl_updated',
  'Object Storage Class Changed': 'object.storage_class_changed',
  'Object Access Tier Changed': 'object.access_tier_changed',
};

const deletions: Readonly<Record<string, ObjectChange['deletion']>> = {
  'Permanently Deleted': 'permanent',
  'Delete Marker Created': 'marker',
};

/** @returns undefined for a type that is not known here: new ones come with a minor version */
export function fromEventBridge(message: v.InferOutput<typeof eventBridgeMessage>): ObjectChange | undefined {
  const type = types[message['detail-type']];
  if (!type) return undefined;
  const { detail } = message;
  const { object } = detail;
  return {
    type,
    time: message.time,
    bucket: detail.bucket.name,
    key: object.key,
    versionId: object['version-id'],
    sizeBytes: object.size,
    etag: object.etag,
    checksum: object.checksum,
    sequencer: object.sequencer,
    reason: detail.reason,
    deletion: deletions[detail['deletion-type'] ?? ''],
    principal: detail.requester,
    requestId: detail['request-id'],
    contentType: object['content-type'],
    upload: object.metadata && (readOwnMetadata(object.metadata) ?? null),
    storageClass: detail['destination-storage-class'] ?? detail['source-storage-class'],
    restoredUntil: detail['restore-expiry-time'],
  };
}
