import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/**
 * AWS Signature Version 4, the parts that signing and verifying share. Nothing here knows a bucket or a route.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

/** What signs a request. `expiresAt` is when the storage stops honouring the key, if that is known. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiresAt?: Date;
}

/** Where and when a signature counts: `20260102/eu-west-1/s3/aws4_request`. */
export interface Scope {
  /** `YYYYMMDD` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export const algorithm = 'AWS4-HMAC-SHA256';
export const unsignedPayload = 'UNSIGNED-PAYLOAD';

/** Basic-format ISO 8601 in UTC: `20260102T030405Z`. */
export function amzDate(time: Date): string {
  return `${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

export function scopeText({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/aws4_request`;
}

/** What `encodeURIComponent` leaves alone, though RFC 3986 reserves it. */
const reservedLeft = /[!'()*]/;
const everyReservedLeft = new RegExp(reservedLeft, 'g');

/** Percent-encodes all but RFC 3986's unreserved characters. */
export function uriEncode(text: string): string {
  const encoded = encodeURIComponent(text);
  // Looking is cheaper than replacing, and mostly there is nothing to replace.
  if (!reservedLeft.test(encoded)) return encoded;
  return encoded.replaceAll(
    everyReservedLeft,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const plainPath = /^[\w.~/-]*$/;

/** Like {@link uriEncode}, but keeps `/`: S3 signs an object's path encoded once. */
export function uriEncodePath(path: string): string {
  return plainPath.test(path) ? path : uriEncode(path).replaceAll('%2F', '/');
}

/** The query in canonical order and encoding. */
export function canonicalQuery(parameters: Iterable<readonly [name: string, value: string]>): string {
  return Array.from(parameters, ([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Header lines in canonical form, and their names as `SignedHeaders` lists them. */
export function canonicalHeaders(headers: Readonly<Record<string, string>>): {
  lines: string;
  names: string;
} {
  const sorted = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), foldWhiteSpace(value)] as const)
    .toSorted(([nameA], [nameB]) => compare(nameA, nameB));
  return {
    lines: sorted.map(([name, value]) => `${name}:${value}\n`).join(''),
    names: sorted.map(([name]) => name).join(';'),
  };
}

const foldable = /^[ \t\r\n]|[ \t\r\n]$|[ \t\r\n]{2}|[\t\r\n]/;

/** Only HTTP's own white space counts: a no-break space is sent, and so signed, as it is. */
function foldWhiteSpace(value: string): string {
  if (!foldable.test(value)) return value;
  return value.replaceAll(/[ \t\r\n]+/g, ' ').replaceAll(/^ | $/g, '');
}

export function canonicalRequest(request: {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: { readonly lines: string; readonly names: string };
  readonly payloadHash: string;
}): string {
  return `${request.method}\n${request.path}\n${request.query}\n${request.headers.lines}\n${request.headers.names}\n${request.payloadHash}`;
}

export function stringToSign(time: string, scope: string, canonicalRequestHash: string): string {
  return `${algorithm}\n${time}\n${scope}\n${canonicalRequestHash}`;
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** HMAC-SHA256 in hex. Node computes it eight times faster with a `KeyObject` than with a buffer. */
export function signatureOf(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

const derivedKeys = new Map<string, { secret: string; key: KeyObject }>();
const maxDerivedKeys = 256;

/** The signing key of a scope, derived once per key, day, region and service. */
export function signingKey(credentials: Credentials, scope: Scope): KeyObject {
  const name = `${credentials.accessKeyId}/${scopeText(scope)}`;
  const known = derivedKeys.get(name);
  if (known?.secret === credentials.secretAccessKey) return known.key;
  const steps = [scope.date, scope.region, scope.service, 'aws4_request'];
  const bytes = steps.reduce<Buffer>(
    (key, step) => createHmac('sha256', key).update(step).digest(),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  );
  const key = createSecretKey(bytes);
  if (derivedKeys.size >= maxDerivedKeys) derivedKeys.clear();
  derivedKeys.set(name, { secret: credentials.secretAccessKey, key });
  return key;
}

function compare(a: string, b: string): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
