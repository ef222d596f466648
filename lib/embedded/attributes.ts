import { type ObjectLock, readLockHeaders } from './object-lock.ts';
import { invalidArgument, Refusal, type RefusalCode } from './refusal.ts';
import { readTagHeader, type Tags } from './tags.ts';

/** What a sender says about an object beside its bytes. */
export interface ObjectAttributes {
  /** Headers to answer with as they came. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly storageClass: string;
  readonly lock?: ObjectLock;
}

const keptHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-website-redirect-location',
];
const storageClasses = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
];
const maxMetadataBytes = 2048;

/**
 * Reads an object's attributes from the headers of a request, or the fields of a form.
 *
 * @throws {@link Refusal} for what S3 doesn't take
 */
export function readAttributes(headers: ReadonlyMap<string, string>): ObjectAttributes {
  const storageClass = headers.get('x-amz-storage-class') ?? 'STANDARD';
  if (!storageClasses.includes(storageClass)) throw new Refusal('InvalidStorageClass');
  refuseAcls(headers);
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  let metadataBytes = 0;
  for (const [name, given] of headers) {
    const isMetadata = name.startsWith('x-amz-meta-');
    if (!isMetadata && !keptHeaders.includes(name)) continue;
    const value = name === 'content-encoding' ? withoutAwsChunked(given) : given;
    checkHeaderValue(name, value);
    if (isMetadata) metadataBytes += Buffer.byteLength(name.slice('x-amz-meta-'.length) + value);
    if (value !== '' || isMetadata) kept[name] = value;
  }
  if (metadataBytes > maxMetadataBytes) {
    throw new Refusal('MetadataTooLarge', undefined, {
      Size: String(metadataBytes),
      MaxSizeAllowed: String(maxMetadataBytes),
    });
  }
  const lock = readLockHeaders(headers);
  return {
    headers: kept,
    tags: readTagHeader(headers.get('x-amz-tagging') ?? ''),
    storageClass,
    ...(lock && { lock }),
  };
}

/** @throws {@link Refusal} for a value that can't stand in a header */
export function checkHeaderValue(name: string, value: string): void {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
    throw invalidArgument(name, '', 'A header value cannot hold control characters.');
  }
}

/** @throws {@link Refusal} for all ACLs but those that say what holds anyway */
export function refuseAcls(
  headers: ReadonlyMap<string, string>,
  code: RefusalCode = 'AccessControlListNotSupported',
): void {
  const acl = headers.get('x-amz-acl') ?? headers.get('acl') ?? 'private';
  const hasGrants = [...headers.keys()].some((name) => name.startsWith('x-amz-grant-'));
  if (hasGrants || (acl !== 'private' && acl !== 'bucket-owner-full-control')) {
    throw new Refusal(code);
  }
}

/** `aws-chunked` describes the transfer, not the object. */
function withoutAwsChunked(contentEncoding: string): string {
  return contentEncoding
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== 'aws-chunked')
    .join(', ');
}
