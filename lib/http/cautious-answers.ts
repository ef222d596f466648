import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './env.ts';

/** Lets nobody guess the type of an answer, and nobody keep one unless its route says so. */
export function cautiousAnswers(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next();
    c.header('x-content-type-options', 'nosniff');
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
  };
}
