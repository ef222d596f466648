import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './call.ts';
import { Refusal } from './refusal.ts';

const methods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'];

const maxAgeSeconds = 3600;

/**
 * The headers that let a browser's script at `origin` read an answer; none where the origin is not allowed.
 *
 * @param answered - the names of the answer's headers: the script may read all of them
 */
export function corsHeaders(
  { origin }: IncomingHttpHeaders,
  allowedOrigins: readonly string[],
  answered: readonly string[],
): Readonly<Record<string, string>> {
  if (origin === undefined) return {};
  const allowed = allowedOrigin(origin, allowedOrigins);
  if (allowed === undefined) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': allowed,
    'access-control-expose-headers': ['content-length', 'date', ...answered].join(', '),
  };
}

/**
 * Answers a browser that asks before it sends. What may be sent is decided by the signature, so every header is allowed.
 *
 * @throws {@link Refusal} `AccessForbidden`
 */
export function preflight(headers: IncomingHttpHeaders, allowedOrigins: readonly string[]): Reply {
  const { origin } = headers;
  const method = headers['access-control-request-method'];
  if (origin === undefined || method === undefined) {
    throw new Refusal('InvalidRequest', 'Insufficient information. Origin request header needed.');
  }
  const allowed = allowedOrigin(origin, allowedOrigins);
  if (allowed === undefined || !methods.includes(method)) throw new Refusal('AccessForbidden');
  const asked = headers['access-control-request-headers'];
  return {
    status: 200,
    headers: {
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
      'access-control-allow-origin': allowed,
      'access-control-allow-methods': methods.join(', '),
      'access-control-max-age': String(maxAgeSeconds),
      ...(asked !== undefined && { 'access-control-allow-headers': asked }),
    },
  };
}

function allowedOrigin(origin: string, allowedOrigins: readonly string[]): string | undefined {
  if (allowedOrigins.includes(origin)) return origin;
  return allowedOrigins.includes('*') ? '*' : undefined;
}
