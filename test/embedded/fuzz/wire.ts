import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  amzDate,
  canonicalHeaders,
  canonicalQuery,
  canonicalRequest,
  scopeText,
  sha256Hex,
  signatureOf,
  signingKey,
  stringToSign,
  uriEncode,
  uriEncodePath,
} from '../../../lib/storage/sigv4.ts';
import type { S3Target } from '../acceptance/target.ts';
import type { FuzzedRequest } from './requests.ts';

const patienceMilliseconds = 10_000;
/** A request that the server takes for unfinished is ended then. */
const quietMilliseconds = 60;

/**
 * Sends bytes, and closes its side when nothing more comes back.
 *
 * @returns all that came back before the server closed its side; empty where it only closed
 * @throws Error when the server does neither in time
 */
export async function exchange(endpoint: string, bytes: Buffer): Promise<string> {
  const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
  socket.setTimeout(patienceMilliseconds, () => socket.destroy(new Error('The server hangs.')));
  socket.write(bytes);
  const quiet = setTimeout(() => socket.end(), quietMilliseconds);
  socket.on('data', () => quiet.refresh());
  try {
    return await text(socket);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return '';
    throw error;
  } finally {
    clearTimeout(quiet);
  }
}

/** Writes a request down, with a signature in its header that is right, or that of another request. */
export function written(target: S3Target, request: FuzzedRequest): Buffer {
  const { credentials, region } = target;
  const time = amzDate(new Date());
  const scope = { date: time.slice(0, 8), region, service: 's3' };
  const path = `/${uriEncodePath(request.bucket)}${request.key === '' ? '' : `/${uriEncodePath(request.key)}`}`;
  const { host } = new URL(target.endpoint);
  const payloadHash = sha256Hex(request.body);
  const headers: Record<string, string> = {
    ...request.headers,
    host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': time,
  };
  // Where a name comes twice, S3 has the last one.
  const query = new Map(request.query);
  const canonical = canonicalHeaders(headers);
  const digest = sha256Hex(
    canonicalRequest({
      method: request.method,
      path,
      query: canonicalQuery(query),
      headers: canonical,
      payloadHash,
    }),
  );
  const text = stringToSign(time, scopeText(scope), request.isSigned ? digest : sha256Hex(digest));
  const signature = signatureOf(signingKey(credentials, scope), text);
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scopeText(scope)}, SignedHeaders=${canonical.names}, Signature=${signature}`;
  const queryText = Array.from(query, ([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).join('&');
  const lines = [
    `${request.method} ${path}${queryText && `?${queryText}`} HTTP/1.1`,
    ...Object.entries({ ...headers, authorization }).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${request.body.length}`,
    'connection: close',
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), request.body]);
}
