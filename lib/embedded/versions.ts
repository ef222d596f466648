import { randomBytes } from 'node:crypto';
import type { Call, Services } from './call.ts';
import { type Cause, recordEvent } from './events.ts';
import type { Bucket } from './index/buckets.ts';
import type { FreedContent } from './index/contents.ts';
import type { StoredObject } from './index/objects.ts';
import { lockOfNew } from './object-lock.ts';
import { invalidArgument, Refusal } from './refusal.ts';

/**
 * What versioning makes of a change. All of these belong into a commit.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
 */

/** An object that has not got its place among the versions of its key yet. */
export type NewObject = Omit<StoredObject, 'versionId' | 'sequence' | 'isDeleteMarker'>;

/** A change of one key: the version that it concerns, and the content that thereby lost its last object. */
export interface VersionChange {
  readonly version: StoredObject;
  readonly freed: FreedContent | undefined;
}

type Index = Pick<Services, 'index'>;
type Recorder = Pick<Services, 'index' | 'now'>;

/** Makes an object the current one of its key. */
export function putVersion(
  services: Recorder,
  bucket: Bucket,
  object: NewObject,
  cause: Cause,
): VersionChange {
  const lock = lockOfNew(services, bucket, object.lock);
  const current = services.index.objects.find(bucket.id, object.key);
  const place = nextPlace(services, bucket, object.key, current);
  const version = { ...object, ...place, isDeleteMarker: false, ...(lock && { lock }) };
  const replaced = makeRoom(services, bucket, version, current);
  services.index.objects.put(bucket.id, version);
  recordEvent(services, { type: 'Object Created', bucket, version, cause });
  return { version, freed: free(services, replaced) };
}

/**
 * Deletes as a delete without version id does: a bucket with versioning only gets a delete marker. Nothing, where there
 * was nothing to delete.
 */
export function deleteCurrent(
  services: Recorder,
  bucket: Bucket,
  key: string,
  cause: Cause,
): VersionChange | undefined {
  const { index, now } = services;
  if (bucket.versioning === 'Off') return deleteVersion(services, bucket, key, 'null', cause);
  const current = index.objects.find(bucket.id, key);
  const marker: StoredObject = {
    key,
    ...nextPlace(services, bucket, key, current),
    isDeleteMarker: true,
    contentId: 0,
    sizeBytes: 0,
    etag: '',
    modifiedAt: now().getTime(),
    storageClass: 'STANDARD',
    headers: {},
    tags: {},
  };
  const replaced = makeRoom(services, bucket, marker, current);
  index.objects.remove(bucket.id, key);
  index.olderVersions.put(bucket.id, marker);
  recordEvent(services, {
    type: 'Object Deleted',
    bucket,
    version: marker,
    cause,
    deletionType: 'Delete Marker Created',
  });
  return { version: marker, freed: free(services, replaced) };
}

/** Removes one version for good. The latest of those that are left becomes current. Nothing, where there is none. */
export function deleteVersion(
  services: Recorder,
  bucket: Bucket,
  key: string,
  versionId: string,
  cause: Cause,
): VersionChange | undefined {
  const { objects, olderVersions } = services.index;
  const version = findVersion(services, bucket, key, versionId);
  if (!version) return undefined;
  if (objects.find(bucket.id, key)?.versionId === versionId) objects.remove(bucket.id, key);
  else olderVersions.remove(bucket.id, version);
  if (!objects.find(bucket.id, key)) {
    const latest = olderVersions.newest(bucket.id, key);
    if (latest && !latest.isDeleteMarker) {
      olderVersions.remove(bucket.id, latest);
      objects.put(bucket.id, latest);
    }
  }
  recordEvent(services, {
    type: 'Object Deleted',
    bucket,
    version,
    cause,
    deletionType: 'Permanently Deleted',
  });
  return { version, freed: free(services, version) };
}

/** Records other attributes of a version that stays what it is. Belongs into a commit. */
export function changeVersion({ index }: Index, bucket: Bucket, version: StoredObject): void {
  const isCurrent = index.objects.find(bucket.id, version.key)?.versionId === version.versionId;
  if (isCurrent) index.objects.put(bucket.id, version);
  else index.olderVersions.put(bucket.id, version);
}

/** A version by its id, be it current or not, an object or a delete marker. */
export function findVersion(
  { index }: Index,
  bucket: Bucket,
  key: string,
  versionId: string,
): StoredObject | undefined {
  const current = index.objects.find(bucket.id, key);
  return current?.versionId === versionId ? current : index.olderVersions.find(bucket.id, key, versionId);
}

/**
 * The object that a read means: the current one, or the version that it names.
 *
 * @throws {@link Refusal} `NoSuchKey`, `NoSuchVersion`, or `MethodNotAllowed` for a delete marker
 */
export function objectToRead(
  services: Index,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): StoredObject {
  const { index } = services;
  if (versionId === undefined) {
    const current = index.objects.find(bucket.id, key);
    if (current) return current;
    const marker = index.olderVersions.newest(bucket.id, key);
    throw new Refusal('NoSuchKey', undefined, { Key: key }, marker && markerHeaders(marker));
  }
  const version = findVersion(services, bucket, key, versionId);
  if (!version) throw new Refusal('NoSuchVersion', undefined, { Key: key, VersionId: versionId });
  if (!version.isDeleteMarker) return version;
  throw new Refusal(
    'MethodNotAllowed',
    undefined,
    { Method: 'GET', ResourceType: 'DeleteMarker' },
    {
      ...markerHeaders(version),
      allow: 'DELETE',
      'last-modified': new Date(version.modifiedAt).toUTCString(),
    },
  );
}

/** The header that names a version; none in a bucket that never had versioning. */
export function versionHeader(
  { versioning }: Bucket,
  { versionId }: Pick<StoredObject, 'versionId'>,
): Record<string, string> {
  return versioning === 'Off' ? {} : { 'x-amz-version-id': versionId };
}

export function markerHeaders({ versionId }: StoredObject): Record<string, string> {
  return { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId };
}

/**
 * The version that a request names.
 *
 * @throws {@link Refusal} `InvalidArgument` for what can't be an id
 */
export function readVersionId({ query }: Pick<Call, 'query'>): string | undefined {
  const versionId = query.get('versionId');
  return versionId === undefined ? undefined : checkVersionId(versionId);
}

/** @throws {@link Refusal} `InvalidArgument` */
export function checkVersionId(text: string): string {
  if (text === 'null' || /^[\da-f]{32}$/.test(text)) return text;
  throw invalidArgument('versionId', text, 'Invalid version id specified');
}

/** How many digits of a version id are its sequence, so that a listing can go on behind a version that is gone. */
const sequenceDigits = 12;

/** A marker for a listing to go on behind this version. For most versions it is their id. */
export function versionMarker({ versionId, sequence }: Pick<StoredObject, 'versionId' | 'sequence'>): string {
  return versionId === 'null' ? placeDigits(sequence).padEnd(32, '0') : versionId;
}

/** The sequence of the version that a listing goes on behind; nothing where there is no `null` version any more. */
export function sequenceOfMarker(
  services: Index,
  bucket: Bucket,
  key: string,
  marker: string,
): number | undefined {
  return checkVersionId(marker) === 'null'
    ? findVersion(services, bucket, key, marker)?.sequence
    : Number.parseInt(marker.slice(0, sequenceDigits), 16);
}

function nextPlace(
  { index }: Index,
  bucket: Bucket,
  key: string,
  current: StoredObject | undefined,
): Pick<StoredObject, 'versionId' | 'sequence'> {
  const { id, versioning } = bucket;
  const latest = current ?? (keepsVersions(bucket) ? index.olderVersions.newest(id, key) : undefined);
  const sequence = (latest?.sequence ?? 0) + 1;
  if (versioning !== 'Enabled') return { versionId: 'null', sequence };
  return { versionId: placeDigits(sequence) + randomBytes(10).toString('hex'), sequence };
}

/** A bucket that never had versioning has no older versions. */
function keepsVersions({ versioning }: Bucket): boolean {
  return versioning !== 'Off';
}

function placeDigits(sequence: number): string {
  return sequence.toString(16).padStart(sequenceDigits, '0');
}

/** Puts the current object among the older versions, or gives the version that the new one replaces by its id. */
function makeRoom(
  { index }: Index,
  bucket: Bucket,
  { key, versionId }: StoredObject,
  current: StoredObject | undefined,
): StoredObject | undefined {
  if (current?.versionId === versionId || !keepsVersions(bucket)) return current;
  if (current) index.olderVersions.put(bucket.id, current);
  const replaced = versionId === 'null' ? index.olderVersions.find(bucket.id, key, 'null') : undefined;
  if (replaced) index.olderVersions.remove(bucket.id, replaced);
  return replaced;
}

function free({ index }: Index, version: StoredObject | undefined): FreedContent | undefined {
  return version && !version.isDeleteMarker ? index.contents.free(version.contentId) : undefined;
}
