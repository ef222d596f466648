import type { MiddlewareHandler } from 'hono';
import { StowageError } from '../errors.ts';
import type { AppEnv } from './env.ts';

/**
 * Refuses an address that is not percent-encoded UTF-8. Routers leave what they cannot decode as it stands, and so
 * `%FF` would reach the object whose key is the text "%FF", written `%25FF`.
 *
 * @throws {@link StowageError} `invalid_request`
 */
export function wellFormedUrls(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (!isDecodable(c.req.url)) {
      throw new StowageError('invalid_request', 'The address is not percent-encoded UTF-8.');
    }
    await next();
  };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
