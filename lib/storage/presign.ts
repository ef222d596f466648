import { createHash } from 'node:crypto';
import {
  algorithm,
  amzDate,
  canonicalHeaders,
  canonicalQuery,
  canonicalRequest,
  type Credentials,
  type Scope,
  scopeText,
  sha256Hex,
  signatureOf,
  signingKey,
  stringToSign,
  unsignedPayload,
  uriEncode,
} from './sigv4.ts';

/**
 * Presigned URLs (SigV4 in the query), byte for byte what `@aws-sdk/s3-request-presigner` makes of the same request.
 *
 * The hot path of the service. A URL's canonical request is put together from text that is the same for a whole
 * second, so that one hash and one HMAC are all that is computed; a batch of part URLs shares even the hash of the
 * text before the part number.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */

/** A request's address as storage sees it. */
export interface Target {
  /** `https://files.s3.eu-west-1.amazonaws.com` */
  readonly origin: string;
  readonly host: string;
  /** Percent-encoded once, beginning with `/`. */
  readonly path: string;
}

/** Who signs, for which region, at what time. */
export interface SigningContext {
  readonly credentials: Credentials;
  readonly region: string;
  readonly time: Date;
  /** From 1 to 604,800. */
  readonly expiresInSeconds: number;
}

export interface PresignRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly target: Target;
  /** Names begin with a lower-case letter, so that they sort behind `X-Amz-…`. */
  readonly query?: Iterable<readonly [name: string, value: string]>;
  /** Headers that the sender must send just so. `host` is always signed and does not stand here. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The signed URL of one request. */
export function presign(request: PresignRequest, context: SigningContext): string {
  const { target, method } = request;
  const frame = signingFrame(context);
  const ownQuery = request.query ? canonicalQuery(request.query) : '';
  const headers = request.headers
    ? canonicalHeaders({ ...request.headers, host: target.host })
    : { lines: `host:${target.host}\n`, names: 'host' };
  const before = framedQuery(frame, context);
  const after = `&X-Amz-SignedHeaders=${uriEncode(headers.names)}${ownQuery && `&${ownQuery}`}`;
  const digest = sha256Hex(
    canonicalRequest({
      method,
      path: target.path,
      query: before + after,
      headers,
      payloadHash: unsignedPayload,
    }),
  );
  return `${target.origin}${target.path}?${before}&X-Amz-Signature=${frame.sign(digest)}${after}`;
}

/** One part of a multipart upload and its exact length. */
export interface PartToSign {
  readonly partNumber: number;
  readonly sizeBytes: number;
}

/** Signs the addresses of one upload's parts, each bound to its exact length. */
export function partPresigner(
  target: Target,
  storageUploadId: string,
  context: SigningContext,
): (part: PartToSign) => string {
  const frame = signingFrame(context);
  const before = framedQuery(frame, context);
  const beforeNumber = '&X-Amz-SignedHeaders=content-length%3Bhost&partNumber=';
  const afterNumber = `&uploadId=${uriEncode(storageUploadId)}&x-id=UploadPart`;
  const prefixHash = createHash('sha256').update(`PUT\n${target.path}\n${before}${beforeNumber}`);
  const beforeLength = `${afterNumber}\ncontent-length:`;
  const afterLength = `\nhost:${target.host}\n\ncontent-length;host\n${unsignedPayload}`;
  const beforeSignature = `${target.origin}${target.path}?${before}&X-Amz-Signature=`;
  return ({ partNumber, sizeBytes }) => {
    const digest = prefixHash
      .copy()
      .update(`${partNumber}${beforeLength}${sizeBytes}${afterLength}`)
      .digest('hex');
    return `${beforeSignature}${frame.sign(digest)}${beforeNumber}${partNumber}${afterNumber}`;
  };
}

/** What all URLs of one second have in common. */
interface SigningFrame {
  readonly region: string;
  readonly second: number;
  readonly queryBeforeExpiry: string;
  readonly queryAfterExpiry: string;
  readonly sign: (canonicalRequestHash: string) => string;
}

/** The last frame of each key: encoding a session token and naming the time cost as much as a signature. */
const frames = new WeakMap<Credentials, SigningFrame>();

function signingFrame({ credentials, region, time }: SigningContext): SigningFrame {
  const second = Math.floor(time.getTime() / 1000);
  const known = frames.get(credentials);
  if (known?.second === second && known.region === region) return known;
  const stamp = amzDate(time);
  const scope: Scope = { date: stamp.slice(0, 8), region, service: 's3' };
  const scopeName = scopeText(scope);
  const key = signingKey(credentials, scope);
  const credential = uriEncode(`${credentials.accessKeyId}/${scopeName}`);
  const { sessionToken } = credentials;
  const frame: SigningFrame = {
    region,
    second,
    queryBeforeExpiry:
      `X-Amz-Algorithm=${algorithm}&X-Amz-Content-Sha256=${unsignedPayload}&X-Amz-Credential=${credential}` +
      `&X-Amz-Date=${stamp}&X-Amz-Expires=`,
    queryAfterExpiry: sessionToken === undefined ? '' : `&X-Amz-Security-Token=${uriEncode(sessionToken)}`,
    sign: (digest) => signatureOf(key, stringToSign(stamp, scopeName, digest)),
  };
  frames.set(credentials, frame);
  return frame;
}

/** The query up to and including the session token: what comes before `X-Amz-Signature` in sorted order. */
function framedQuery(frame: SigningFrame, { expiresInSeconds }: SigningContext): string {
  return `${frame.queryBeforeExpiry}${expiresInSeconds}${frame.queryAfterExpiry}`;
}
