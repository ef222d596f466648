import { checkReadable } from '../archive.ts';
import type { Services, SignedCall } from '../call.ts';
import { checkRead } from '../conditions.ts';
import type { Bucket } from '../index/buckets.ts';
import type { StoredObject } from '../index/objects.ts';
import { invalidArgument, Refusal } from '../refusal.ts';
import { checkVersionId, findVersion, objectToRead } from '../versions.ts';
import { bucketOf } from './buckets.ts';

/** What a copy is made from. */
export interface CopySource {
  readonly bucket: Bucket;
  readonly object: StoredObject;
  /** Present where the request names a version. */
  readonly versionId?: string;
}

/** What `x-amz-copy-source` names. */
interface SourceName {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/** @throws {@link Refusal} `InvalidArgument` */
export function readCopySource({ headers }: Pick<SignedCall, 'headers'>): SourceName {
  const name = 'x-amz-copy-source';
  const text = headers.get(name) ?? '';
  const { path = '', versionId } =
    /^(?<path>[^?]+)(?:\?versionId=(?<versionId>.*))?$/.exec(text)?.groups ?? {};
  // Some senders encode the slash, too.
  const { bucket, key } = /^\/?(?<bucket>[^/]+)\/(?<key>.+)$/s.exec(decoded(path))?.groups ?? {};
  if (bucket !== undefined && key !== undefined) {
    return { bucket, key, ...(versionId !== undefined && { versionId }) };
  }
  throw invalidArgument(
    name,
    text,
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
  );
}

/**
 * Finds the object that `x-amz-copy-source` names, and holds it to the conditions for it.
 *
 * @throws {@link Refusal}
 */
export function copySourceOf(services: Services, call: SignedCall): CopySource {
  const { key, versionId, ...named } = readCopySource(call);
  const bucket = bucketOf(services, named);
  if (versionId !== undefined) {
    checkVersionId(versionId);
    if (findVersion(services, bucket, key, versionId)?.isDeleteMarker) {
      throw new Refusal('InvalidRequest', 'The version that the copy source names is a delete marker.');
    }
  }
  const object = objectToRead(services, bucket, key, versionId);
  checkReadable(object);
  checkSource(call.headers, object);
  return { bucket, object, ...(versionId !== undefined && { versionId }) };
}

/** The header that names the version of the source. */
export function copySourceVersionHeader({ bucket, object }: CopySource): Record<string, string> {
  return bucket.versioning === 'Off' ? {} : { 'x-amz-copy-source-version-id': object.versionId };
}

/** Nothing where it can't be decoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** `x-amz-copy-source-if-match` is to the source what `if-match` is to an object that is read. */
function checkSource(headers: ReadonlyMap<string, string>, object: StoredObject): void {
  const prefix = 'x-amz-copy-source-if-';
  const conditions = [...headers].flatMap(([name, value]) =>
    name.startsWith(prefix) ? [[`if-${name.slice(prefix.length)}`, value] as const] : [],
  );
  if (!checkRead(new Map(conditions), object)) throw new Refusal('PreconditionFailed');
}
