import * as v from 'valibot';
import { fromMetadataHeaders } from '../storage/user-metadata.ts';
import { readOwnMetadata } from '../uploads/own-metadata.ts';
import { optionalEtag, optionalSequencer, optionalSize, optionalText, time } from './fields.ts';
import type { ObjectChange } from './object-event.ts';

/**
 * S3's older notification, which Ceph RGW and MinIO send, too. Of metadata each of these two tells in its own way.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * @see https://docs.ceph.com/en/latest/radosgw/notifications/
 */
export const s3Record = v.object({
  eventSource: v.optional(v.string(), 'aws:s3'),
  eventTime: time,
  eventName: v.string(),
  userIdentity: v.optional(v.object({ principalId: optionalText })),
  responseElements: v.optional(v.object({ 'x-amz-request-id': optionalText })),
  s3: v.object({
    bucket: v.object({ name: v.string() }),
    object: v.object({
      key: v.string(),
      size: optionalSize,
      eTag: optionalEtag,
      versionId: optionalText,
      sequencer: optionalSequencer,
      contentType: optionalText,
      metadata: v.optional(v.array(v.object({ key: v.string(), val: v.string() }))),
      userMetadata: v.optional(v.record(v.string(), v.string())),
    }),
  }),
  glacierEventData: v.optional(
    v.object({
      restoreEventData: v.optional(
        v.object({
          lifecycleRestorationExpiryTime: v.optional(time),
          lifecycleRestoreStorageClass: optionalText,
        }),
      ),
    }),
  ),
});

export type S3Record = v.InferOutput<typeof s3Record>;

type Happening = Pick<ObjectChange, 'type' | 'reason' | 'deletion'>;

function expired(deletion?: ObjectChange['deletion']): Happening {
  return { type: 'object.deleted', reason: 'Lifecycle Expiration', deletion };
}

/** Each by its whole name: MinIO's `ObjectCreated:PutRetention` creates nothing. */
const happenings: Readonly<Record<string, Happening>> = {
  'ObjectCreated:Put': { type: 'object.created', reason: 'PutObject' },
  'ObjectCreated:Post': { type: 'object.created', reason: 'POST Object' },
  'ObjectCreated:Copy': { type: 'object.created', reason: 'CopyObject' },
  'ObjectCreated:CompleteMultipartUpload': { type: 'object.created', reason: 'CompleteMultipartUpload' },
  'ObjectRemoved:Delete': { type: 'object.deleted', reason: 'DeleteObject', deletion: 'permanent' },
  'ObjectRemoved:DeleteMarkerCreated': { type: 'object.deleted', reason: 'DeleteObject', deletion: 'marker' },
  'LifecycleExpiration:Delete': expired('permanent'),
  'LifecycleExpiration:DeleteMarkerCreated': expired('marker'),
  'ObjectLifecycle:Expiration:Current': expired(),
  'ObjectLifecycle:Expiration:Noncurrent': expired('permanent'),
  'ObjectLifecycle:Expiration:DeleteMarker': expired('permanent'),
  'ObjectRestore:Post': { type: 'object.restore_initiated' },
  'ObjectRestore:Completed': { type: 'object.restore_completed' },
  'ObjectRestore:Delete': { type: 'object.restore_expired' },
  'ObjectTagging:Put': { type: 'object.tags_added' },
  'ObjectTagging:Delete': { type: 'object.tags_deleted' },
  'ObjectCreated:PutTagging': { type: 'object.tags_added' },
  'ObjectCreated:DeleteTagging': { type: 'object.tags_deleted' },
  'ObjectAcl:Put': { type: 'object.acl_updated' },
  LifecycleTransition: { type: 'object.storage_class_changed' },
  IntelligentTiering: { type: 'object.access_tier_changed' },
};

/**
 * @returns undefined for what is not known here, or does not change an object
 * @throws URIError for a key that is not encoded as it should be
 */
export function fromS3Record(record: S3Record): ObjectChange | undefined {
  const happening = happenings[record.eventName.replace(/^s3:/, '')];
  if (!happening) return undefined;
  const { object, bucket } = record.s3;
  const isCeph = record.eventSource === 'ceph:s3';
  const restored = record.glacierEventData?.restoreEventData;
  return {
    ...happening,
    time: record.eventTime,
    bucket: bucket.name,
    key: isCeph ? object.key : decodeFormText(object.key),
    versionId: object.versionId,
    sizeBytes: object.size,
    etag: object.eTag,
    sequencer: isCeph ? object.sequencer && cephSequencer(object.sequencer) : object.sequencer,
    principal: record.userIdentity?.principalId,
    requestId: record.responseElements?.['x-amz-request-id'],
    contentType: object.contentType,
    upload: uploadOf(object),
    storageClass: restored?.lifecycleRestoreStorageClass,
    restoredUntil: restored?.lifecycleRestorationExpiryTime,
  };
}

/** S3 and MinIO encode keys as forms are: `+` is a space. RGW sends them as they are. */
function decodeFormText(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

/**
 * RGW's sequencer is the memory of a time, seconds and nanoseconds of 32 bits each, with the lowest byte first. Turned
 * round it sorts as S3's does.
 */
function cephSequencer(sequencer: string): string {
  const bytes = Buffer.from(sequencer, 'hex');
  return bytes.length === 8 ? bytes.swap32().toString('hex') : sequencer;
}

function uploadOf({ metadata, userMetadata }: S3Record['s3']['object']): ObjectChange['upload'] {
  if (!metadata && !userMetadata) return undefined;
  const entries = [
    ...(metadata ?? []).map(({ key, val }) => [key, val] as const),
    ...Object.entries(userMetadata ?? {}),
  ];
  const headers = Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
  return readOwnMetadata(fromMetadataHeaders(headers)) ?? null;
}
