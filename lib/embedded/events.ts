import { randomUUID } from 'node:crypto';
import { fromMetadataHeaders } from '../storage/user-metadata.ts';
import { onlyOwn } from '../uploads/own-metadata.ts';
import type { Call, Services } from './call.ts';
import type { Bucket } from './index/buckets.ts';
import type { RecordedEvent } from './index/events.ts';
import type { StoredObject } from './index/objects.ts';

/** What has happened, in EventBridge's words. */
export type EventType =
  | 'Object Created'
  | 'Object Deleted'
  | 'Object Tags Added'
  | 'Object Tags Deleted'
  | 'Object Restore Initiated'
  | 'Object Restore Completed'
  | 'Object Restore Expired'
  | 'Object Storage Class Changed';

/** Who changed an object, and by what. */
export interface Cause {
  /** S3's name of the operation, such as `PutObject` or `Lifecycle Expiration`; S3 gives none for what concerns archives. */
  readonly reason?: string;
  readonly requestId: string;
  /** `s3.amazonaws.com` for what the store does by itself, as in S3. */
  readonly accessKeyId: string;
  /** Only of a request. */
  readonly sourceAddress?: string;
}

/**
 * An event as EventBridge delivers those of S3.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export interface StoreEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: 'aws.s3';
  readonly account: string;
  /** RFC 3339, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: RecordedDetail & {
    readonly version: '0';
    readonly bucket: { readonly name: string };
    readonly object: { readonly sequencer: string };
  };
}

/** What is kept of an event's `detail`. */
interface RecordedDetail {
  readonly object: {
    readonly key: string;
    readonly size?: number;
    readonly etag?: string;
    readonly 'version-id'?: string;
    /** Not S3's: the checksum of the whole object, in base64. */
    readonly checksum?: { readonly algorithm: string; readonly value: string };
    /** Not S3's. */
    readonly 'content-type'?: string;
    /** Not S3's: the entries that Stowage's own upload has put into the metadata. */
    readonly metadata?: Readonly<Record<string, string>>;
  };
  readonly 'request-id': string;
  readonly requester: string;
  readonly 'source-ip-address'?: string;
  readonly reason?: string;
  readonly 'deletion-type'?: string;
  readonly 'restore-expiry-time'?: string;
  readonly 'source-storage-class'?: string;
  readonly 'destination-storage-class'?: string;
}

/** The events of a store, each written in the same transaction as its change. */
export interface EventLog {
  /**
   * Reads on, in the order of the changes. Gives only events of changes that are on disk.
   *
   * @param after - the `sequence` of the last event that the reader knows; 0 for the oldest one kept
   */
  readonly read: (
    after: number,
    limit: number,
  ) => readonly { readonly sequence: number; readonly event: StoreEvent }[];
  /** Ends when there may be more events than there were, or with the signal. */
  readonly more: (signal: AbortSignal) => Promise<void>;
  /** Forgets all events up to this sequence. Those that nobody acknowledges are kept up to a million. */
  readonly acknowledge: (upTo: number) => Promise<void>;
}

/** What an operation writes into the events that it causes. */
export function causeOf({ requestId, sourceAddress }: Call, accessKeyId: string, reason?: string): Cause {
  return { ...(reason !== undefined && { reason }), requestId, accessKeyId, sourceAddress };
}

/** A change of one version. */
export interface VersionEvent {
  readonly type: EventType;
  readonly bucket: Bucket;
  readonly version: StoredObject;
  readonly cause: Cause;
  /** Only of `Object Deleted`. */
  readonly deletionType?: 'Permanently Deleted' | 'Delete Marker Created';
  /** Where it is restored from, or goes to. */
  readonly storageClass?: Pick<RecordedDetail, 'source-storage-class' | 'destination-storage-class'>;
  /** When a restored copy goes away again: milliseconds since 1970. */
  readonly restoredUntil?: number;
}

/** Records a change. Belongs into the commit of that change. */
export function recordEvent(
  { index, now }: Pick<Services, 'index' | 'now'>,
  { type, bucket, version, cause, deletionType, storageClass, restoredUntil }: VersionEvent,
): void {
  const { key, sizeBytes, etag, versionId, isDeleteMarker, checksum, headers } = version;
  const contentType = headers['content-type'];
  const detail: RecordedDetail = {
    object: {
      key,
      ...(!isDeleteMarker && { size: sizeBytes, etag }),
      ...(bucket.versioning !== 'Off' && { 'version-id': versionId }),
      ...(checksum?.type === 'FULL_OBJECT' && {
        checksum: { algorithm: checksum.algorithm, value: checksum.value },
      }),
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(!isDeleteMarker && { metadata: onlyOwn(fromMetadataHeaders(headers)) }),
    },
    'request-id': cause.requestId,
    requester: cause.accessKeyId,
    ...(cause.sourceAddress !== undefined && { 'source-ip-address': cause.sourceAddress }),
    ...(cause.reason !== undefined && { reason: cause.reason }),
    ...(deletionType && { 'deletion-type': deletionType }),
    ...(restoredUntil !== undefined && { 'restore-expiry-time': wholeSeconds(restoredUntil) }),
    ...storageClass,
  };
  index.events.add({
    id: randomUUID(),
    type,
    at: now().getTime(),
    bucket: bucket.name,
    detail: JSON.stringify(detail),
  });
}

/** Gives the events of an index to their readers. */
export function openEventLog({ index, region }: Pick<Services, 'index' | 'region'>): EventLog {
  return {
    read: (after, limit) =>
      index.events.read(after, index.settledEvents.last(), limit).map((recorded) => ({
        sequence: recorded.sequence,
        event: toStoreEvent(recorded, region),
      })),
    more: index.settledEvents.more,
    acknowledge: (upTo) => index.commitSoon(() => index.events.forget(upTo)),
  };
}

function toStoreEvent({ sequence, id, type, at, bucket, detail }: RecordedEvent, region: string): StoreEvent {
  const recorded: RecordedDetail = JSON.parse(detail);
  // As wide as the greatest integer, so that sequencers compare as texts.
  const sequencer = sequence.toString(16).toUpperCase().padStart(16, '0');
  return {
    version: '0',
    id,
    'detail-type': type,
    source: 'aws.s3',
    account: '000000000000',
    time: wholeSeconds(at),
    region,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      ...recorded,
      object: { ...recorded.object, sequencer },
    },
  };
}

function wholeSeconds(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
