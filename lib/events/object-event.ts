import { createHash } from 'node:crypto';
import type { OwnMetadata } from '../uploads/own-metadata.ts';
import type { Checksum } from '../uploads/schema.ts';

/** What can happen to an object. The names are those that webhooks carry. */
export const objectEventTypes = [
  'object.created',
  'object.deleted',
  'object.restore_initiated',
  'object.restore_completed',
  'object.restore_expired',
  'object.tags_added',
  'object.tags_deleted',
  'object.acl_updated',
  'object.storage_class_changed',
  'object.access_tier_changed',
  'object.scanned',
] as const;

export type ObjectEventType = (typeof objectEventTypes)[number];

/** A change in a bucket, in one shape whatever storage has told of it. */
export interface ObjectEvent extends ObjectChange {
  /** The same for every message that tells of this change, and for no other. */
  readonly id: string;
}

export interface ObjectChange {
  readonly type: ObjectEventType;
  readonly time: Date;
  /** The bucket's name in `stowage.json`. */
  readonly bucket: string;
  readonly key: string;
  /** Only in buckets with versions. */
  readonly versionId?: string | undefined;
  readonly sizeBytes?: number | undefined;
  /** Without quotation marks. */
  readonly etag?: string | undefined;
  readonly checksum?: Checksum | undefined;
  /** Hexadecimal, lower case; orders the creations and deletions of one key, see {@link compareSequencers}. */
  readonly sequencer?: string | undefined;
  /** S3's name of the operation, such as `PutObject`, or `Lifecycle Expiration`. */
  readonly reason?: string | undefined;
  /** Of a deletion, where storage says it: is the object gone, or hidden by a marker? */
  readonly deletion?: 'permanent' | 'marker' | undefined;
  /** Who has done it, as storage knows them: an account, a user, `s3.amazonaws.com`. */
  readonly principal?: string | undefined;
  readonly requestId?: string | undefined;
  /** Of an object that was created, where storage tells it. */
  readonly contentType?: string | undefined;
  /** The upload that wrote the object; null where none did. Absent where storage tells of no metadata. */
  readonly upload?: OwnMetadata | null | undefined;
  /** The class that the object is in now, or is restored from. */
  readonly storageClass?: string | undefined;
  /** What a scanner for malware has found in the object. */
  readonly scan?: Scan | undefined;
  /** When the restored copy of an archived object goes away again. */
  readonly restoredUntil?: Date | undefined;
}

/** A scanner's word: `unscanned` is what it could not read, such as an archive with a password. */
export interface Scan {
  readonly result: 'clean' | 'infected' | 'unscanned';
  /** What the scanner calls it. None, but where the result is `infected`. */
  readonly threats: readonly string[];
}

/** Gives a change its id: storage may tell of it twice, in messages that have ids of their own. */
export function identified(change: ObjectChange): ObjectEvent {
  const { type, time, bucket, key, versionId, sequencer, requestId } = change;
  const identity = [type, bucket, key, versionId, sequencer ?? time.toISOString(), requestId];
  const digest = createHash('sha256').update(JSON.stringify(identity)).digest('base64url');
  return { id: `evt_${digest.slice(0, 32)}`, ...change };
}
