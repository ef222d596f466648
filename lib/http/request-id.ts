import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './env.ts';

/** A caller may bring its own id (API Gateway's end in `=`); one that could forge a log line or a header is replaced. */
const acceptable = /^[\w-]{8,64}={0,2}$/;

/** Gives every request an id and every response `x-request-id`. */
export function requestIds(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const given = c.req.header('x-request-id');
    const requestId = given !== undefined && acceptable.test(given) ? given : randomUUID();
    c.set('requestId', requestId);
    await next();
    c.header('x-request-id', requestId);
  };
}
