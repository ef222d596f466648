import type { Target } from './presign.ts';
import {
  algorithm,
  amzDate,
  canonicalHeaders,
  canonicalRequest,
  type Credentials,
  scopeText,
  sha256Hex,
  signatureOf,
  signingKey,
  stringToSign,
} from './sigv4.ts';

export interface HeaderSigningRequest {
  readonly method: string;
  readonly target: Target;
  /** In canonical form already. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What is said of the body. Default: its SHA-256. */
  readonly payloadHash?: string;
}

export interface HeaderSigningContext {
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  readonly time: Date;
}

/** All headers to send, `authorization` included (SigV4 in the header, the body's hash signed). */
export function signedHeaders(
  { method, target, query, headers, body, payloadHash = sha256Hex(body) }: HeaderSigningRequest,
  { credentials, region, service, time }: HeaderSigningContext,
): Record<string, string> {
  const stamp = amzDate(time);
  const scope = { date: stamp.slice(0, 8), region, service };
  const toSign: Record<string, string> = {
    ...headers,
    host: target.host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': stamp,
    ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
  };
  const canonical = canonicalHeaders(toSign);
  const digest = sha256Hex(
    canonicalRequest({ method, path: target.path, query, headers: canonical, payloadHash }),
  );
  const signature = signatureOf(
    signingKey(credentials, scope),
    stringToSign(stamp, scopeText(scope), digest),
  );
  return {
    ...toSign,
    authorization: `${algorithm} Credential=${credentials.accessKeyId}/${scopeText(scope)}, SignedHeaders=${canonical.names}, Signature=${signature}`,
  };
}
