import { xmlElement, type XmlMarkup, type XmlNode } from '../../storage/xml.ts';
import { demand } from '../auth/authorize.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation, Services, SignedCall } from '../call.ts';
import { checkWrite } from '../conditions.ts';
import { type Cause, causeOf } from '../events.ts';
import type { Bucket } from '../index/buckets.ts';
import { bypassesGovernance, checkRemoval } from '../object-lock.ts';
import { Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import {
  checkVersionId,
  deleteCurrent,
  deleteVersion,
  findVersion,
  markerHeaders,
  readVersionId,
  type VersionChange,
  versionHeader,
} from '../versions.ts';
import { bucketOf } from './buckets.ts';

const maxKeys = 1000;

/** What to delete: a version, or whatever is current. */
interface Deletion {
  readonly key: string;
  /** As it was given. */
  readonly versionId: string | undefined;
  /** `If-Match`, if there is any. */
  readonly conditions: ReadonlyMap<string, string>;
  /** Whether a governance retention is lifted. */
  readonly bypasses: boolean;
}

/** Deleting what is not there succeeds, too. */
export const deleteObject: Operation = async (services, call) => {
  const { index, blobs } = services;
  const versionId = readVersionId(call);
  const bypasses = bypassesGovernance(call.headers);
  const cause = causeOf(call, call.accessKeyId, 'DeleteObject');
  const { bucket, change } = await index.commit(() => {
    const bucket = bucketOf(services, call);
    return {
      bucket,
      change: remove(
        services,
        bucket,
        { key: call.key, versionId, conditions: call.headers, bypasses },
        cause,
      ),
    };
  });
  blobs.free(change?.freed);
  if (change?.version.isDeleteMarker) return { status: 204, headers: markerHeaders(change.version) };
  return { status: 204, headers: versionId === undefined ? {} : versionHeader(bucket, { versionId }) };
};

export const deleteObjects: Operation = async (services, call) => {
  const { index, blobs } = services;
  bucketOf(services, call);
  const request = await readXml(services, call, readRequestedChecksum(call.headers));
  const deletions = readDeletions(request, bypassesGovernance(call.headers));
  const isQuiet = request?.value('Quiet') === 'true';
  const cause = causeOf(call, call.accessKeyId, 'DeleteObject');
  const outcomes = await index.commit(() => {
    const bucket = bucketOf(services, call);
    return deletions.map((deletion) => ({ deletion, ...attempt(services, call, bucket, deletion, cause) }));
  });
  for (const { change } of outcomes) blobs.free(change?.freed);
  return xmlReply(
    'DeleteResult',
    outcomes.map(({ deletion, change, refusal }) => {
      if (refusal) return errorElement(deletion, refusal);
      return isQuiet ? [] : deletedElement(deletion, change);
    }),
  );
};

/** A refusal comes before anything has been changed, so it leaves the other deletions of the commit alone. */
function attempt(
  services: Services,
  call: SignedCall,
  bucket: Bucket,
  deletion: Deletion,
  cause: Cause,
): { change?: VersionChange | undefined; refusal?: Refusal } {
  try {
    demand(call, { action: 'delete', bucket: bucket.name, key: deletion.key });
    if (deletion.versionId !== undefined) checkVersionId(deletion.versionId);
    return { change: remove(services, bucket, deletion, cause) };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error };
    throw error;
  }
}

function remove(
  services: Services,
  bucket: Bucket,
  { key, versionId, conditions, bypasses }: Deletion,
  cause: Cause,
): VersionChange | undefined {
  const { index, now } = services;
  if (conditions.has('if-match')) {
    const existing =
      versionId === undefined
        ? index.objects.find(bucket.id, key)
        : findVersion(services, bucket, key, versionId);
    checkWrite(conditions, existing);
  }
  if (versionId === undefined) return deleteCurrent(services, bucket, key, cause);
  checkRemoval(findVersion(services, bucket, key, versionId)?.lock, now(), bypasses);
  return deleteVersion(services, bucket, key, versionId, cause);
}

function readDeletions(request: XmlNode | undefined, bypasses: boolean): Deletion[] {
  const objects = request?.name === 'Delete' ? request.all('Object') : [];
  if (objects.length === 0 || objects.length > maxKeys) throw new Refusal('MalformedXML');
  return objects.map((object) => {
    const key = object.value('Key');
    const versionId = object.value('VersionId');
    const etag = object.value('ETag');
    if (!key) throw new Refusal('MalformedXML');
    return {
      key,
      versionId: versionId || undefined,
      conditions: new Map(etag === undefined ? [] : [['if-match', etag]]),
      bypasses,
    };
  });
}

function deletedElement({ key, versionId }: Deletion, change: VersionChange | undefined): XmlMarkup {
  const marker = change?.version.isDeleteMarker ? change.version : undefined;
  return xmlElement('Deleted', [
    xmlElement('Key', key),
    xmlElement('VersionId', versionId),
    xmlElement('DeleteMarker', marker && true),
    xmlElement('DeleteMarkerVersionId', marker?.versionId),
  ]);
}

function errorElement({ key, versionId }: Deletion, { code, message }: Refusal): XmlMarkup {
  return xmlElement('Error', [
    xmlElement('Key', key),
    xmlElement('VersionId', versionId),
    xmlElement('Code', code),
    xmlElement('Message', message),
  ]);
}
