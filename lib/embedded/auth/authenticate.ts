import { timingSafeEqual } from 'node:crypto';
import {
  canonicalHeaders,
  canonicalQuery,
  canonicalRequest,
  scopeText,
  sha256Hex,
  signatureOf,
  signingKey,
  stringToSign,
  unsignedPayload,
  uriEncodePath,
} from '../../storage/sigv4.ts';
import { isChecksumName } from '../body/checksums.ts';
import type { Call, Rights, SignedCall } from '../call.ts';
import { Refusal } from '../refusal.ts';
import { type Claim, readAmzDate, readClaim } from './claim.ts';
import { parsePayload } from './payload.ts';

/** Whom an access key stands for. */
export interface Caller extends Rights {
  readonly secretAccessKey: string;
  /** Called when a signature has proven right. */
  readonly noteUse?: () => void;
}

/** Who may sign, where, and by which clock. */
export interface Authority {
  readonly region: string;
  /** Nothing where there is no such key. */
  readonly callerOf: (accessKeyId: string) => Caller | undefined | Promise<Caller | undefined>;
  readonly now: () => Date;
}

const maxSkewMilliseconds = 15 * 60_000;

/**
 * Verifies a request's SigV4 signature, in the header or in the query.
 *
 * @throws {@link Refusal} with the code that S3 gives
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export async function authenticate(call: Call, authority: Authority): Promise<SignedCall> {
  const claim = readClaim(call);
  const inQuery = claim.expiresInSeconds !== undefined;
  const caller = await callerOf(claim, authority);
  if (call.headers.has('x-amz-security-token') || call.query.has('X-Amz-Security-Token')) {
    throw new Refusal('InvalidToken');
  }
  checkScope(
    claim,
    authority,
    inQuery ? 'AuthorizationQueryParametersError' : 'AuthorizationHeaderMalformed',
  );
  checkTime(claim, authority.now());
  checkHeadersSigned(call, claim);

  const payloadHash =
    call.headers.get('x-amz-content-sha256') ??
    (inQuery ? (call.query.get('X-Amz-Content-Sha256') ?? unsignedPayload) : undefined);
  if (payloadHash === undefined) {
    throw new Refusal('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  const scope = scopeText(claim);
  const { secretAccessKey, noteUse, ...rights } = caller;
  const key = signingKey({ accessKeyId: claim.accessKeyId, secretAccessKey }, claim);
  const canonical = canonicalRequest({
    method: call.method,
    path: uriEncodePath(decodeURIComponent(call.path)),
    query: canonicalQuery(call.parameters.filter(([name]) => name !== 'X-Amz-Signature')),
    headers: canonicalHeaders(
      Object.fromEntries(claim.signedHeaders.map((name) => [name, call.headers.get(name) ?? ''])),
    ),
    payloadHash,
  });
  const text = stringToSign(claim.time, scope, sha256Hex(canonical));
  if (!equalHex(signatureOf(key, text), claim.signature)) {
    throw new Refusal('SignatureDoesNotMatch', undefined, {
      AWSAccessKeyId: claim.accessKeyId,
      StringToSign: text,
      SignatureProvided: claim.signature,
      CanonicalRequest: canonical,
    });
  }
  noteUse?.();
  return {
    ...call,
    headers: inQuery ? withHoistedHeaders(call) : call.headers,
    accessKeyId: claim.accessKeyId,
    ...rights,
    payload: parsePayload(payloadHash, { key, time: claim.time, scope, seedSignature: claim.signature }),
  };
}

/** @throws {@link Refusal} where there is no such key */
export async function callerOf(
  { accessKeyId }: { readonly accessKeyId: string },
  authority: Authority,
): Promise<Caller> {
  const caller = await authority.callerOf(accessKeyId);
  if (caller) return caller;
  throw new Refusal('InvalidAccessKeyId', undefined, { AWSAccessKeyId: accessKeyId });
}

/** Compares two hexadecimal signatures in constant time. */
export function equalHex(expected: string, given: string): boolean {
  // Compared as bytes: characters of the given one may have several.
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** @throws {@link Refusal} where a signature is made for another region, service or day */
export function checkScope(
  claim: Pick<Claim, 'date' | 'region' | 'service' | 'time'>,
  { region }: Authority,
  code: 'AuthorizationHeaderMalformed' | 'AuthorizationQueryParametersError',
): void {
  const fault = scopeFault(claim, region);
  if (fault !== undefined)
    throw new Refusal(code, `The credential is malformed; ${fault}`, { Region: region });
}

function scopeFault(
  { date, region, service, time }: Pick<Claim, 'date' | 'region' | 'service' | 'time'>,
  expectedRegion: string,
): string | undefined {
  if (service !== 's3') return `incorrect service "${service}". This endpoint belongs to "s3".`;
  if (region !== expectedRegion) return `the region '${region}' is wrong; expecting '${expectedRegion}'`;
  if (date !== time.slice(0, 8)) return `the date '${date}' is not that of the request`;
  return undefined;
}

function checkTime({ time, expiresInSeconds }: Claim, now: Date): void {
  const signedAt = readAmzDate(time).getTime();
  const age = now.getTime() - signedAt;
  if (expiresInSeconds === undefined) {
    if (Math.abs(age) > maxSkewMilliseconds) {
      throw new Refusal('RequestTimeTooSkewed', undefined, {
        RequestTime: time,
        ServerTime: now.toISOString(),
        MaxAllowedSkewMilliseconds: String(maxSkewMilliseconds),
      });
    }
    return;
  }
  if (age < -maxSkewMilliseconds) {
    throw new Refusal('AccessDenied', 'Request is not valid yet', {
      'X-Amz-Date': time,
      ServerTime: now.toISOString(),
    });
  }
  if (age > expiresInSeconds * 1000) {
    throw new Refusal('AccessDenied', 'Request has expired', {
      'X-Amz-Expires': String(expiresInSeconds),
      Expires: new Date(signedAt + expiresInSeconds * 1000).toISOString(),
      ServerTime: now.toISOString(),
    });
  }
}

/** A header that S3 acts upon counts only when the signature covers it. */
function checkHeadersSigned(call: Call, { signedHeaders }: Claim): void {
  const unsigned: string[] = [];
  for (const name of call.headers.keys()) {
    const counts = name === 'host' || name.startsWith('x-amz-');
    if (counts && !signedHeaders.includes(name)) unsigned.push(name);
  }
  if (unsigned.length > 0) {
    throw new Refusal('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    });
  }
}

/** What a signature in the query consists of. */
const signatureParameters = new Set([
  'x-amz-algorithm',
  'x-amz-content-sha256',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);

/**
 * Presigners may move `x-amz-…` headers into the query. S3 takes them from there, except for checksums: the SDK signs
 * the checksum of the empty body that it has at that moment, and S3 does not hold a sender to it.
 */
function withHoistedHeaders({ headers, query }: Call): ReadonlyMap<string, string> {
  const hoisted = Array.from(query, ([name, value]) => [name.toLowerCase(), value] as const).filter(
    ([name]) =>
      name.startsWith('x-amz-') &&
      !signatureParameters.has(name) &&
      !isChecksumName(name) &&
      name !== 'x-amz-sdk-checksum-algorithm',
  );
  return hoisted.length === 0 ? headers : new Map([...hoisted, ...headers]);
}
