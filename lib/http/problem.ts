import type { Context } from 'hono';
import type { StowageError } from '../errors.ts';
import type { AppEnv } from './env.ts';

/** Turns a refusal into `application/problem+json` (RFC 9457). */
export function problemResponse(c: Context<AppEnv>, error: StowageError): Response {
  const { status, code, title, message, errors } = error;
  if (status === 401) c.header('www-authenticate', 'Bearer');
  if (status === 503) c.header('retry-after', '1');
  const document = {
    type: `urn:stowage:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    requestId: c.var.requestId,
    ...(errors && { errors }),
  };
  return c.body(JSON.stringify(document), status, { 'content-type': 'application/problem+json' });
}
