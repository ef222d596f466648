import { restoreHeader } from '../archive.ts';
import { lockHeaders } from '../object-lock.ts';
import type { ObjectChecksum, StoredObject } from '../index/objects.ts';

/** The headers that describe an object, in answers to GET and HEAD. */
export function objectHeaders(object: StoredObject): Record<string, string> {
  const tagCount = Object.keys(object.tags).length;
  return {
    ...object.headers,
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
    ...(object.storageClass !== 'STANDARD' && { 'x-amz-storage-class': object.storageClass }),
    ...restoreHeader(object),
    ...lockHeaders(object.lock),
    ...(tagCount > 0 && { 'x-amz-tagging-count': String(tagCount) }),
  };
}

export function checksumHeaders(checksum: ObjectChecksum | undefined): Record<string, string> {
  if (!checksum) return {};
  return { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': checksum.type };
}
