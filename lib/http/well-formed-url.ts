import type { Context, MiddlewareHandler } from 'hono';
import { StowageError } from '../errors.ts';
import type { AppEnv } from './env.ts';

/**
 * Refuses an address that others may read in another way than this service does:
 *
 * - one that is not percent-encoded UTF-8. Routers leave what they cannot decode as it stands, and so `%FF` would reach
 *   the object whose key is the text "%FF", written `%25FF`.
 * - one with `.` or `..` as a segment, or a `#`. Some fold them and some do not, so that a proxy which lets
 *   `/v1/content/*` through would let through `/v1/content/../keys`.
 *
 * @throws {@link StowageError} `invalid_request`
 */
export function wellFormedUrls(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (!isDecodable(c.req.url)) {
      throw new StowageError('invalid_request', 'The address is not percent-encoded UTF-8.');
    }
    if (folded.test(targetOf(c))) {
      throw new StowageError(
        'invalid_request',
        'The address must not hold "#", or "." or ".." as a segment.',
      );
    }
    await next();
  };
}

const folded = /#|^[^?]*\/(?:\.|%2e){1,2}(?:[/?]|$)/i;

/** Hosts that take the target apart themselves have none that could be folded. */
function targetOf(c: Context<AppEnv>): string {
  const bindings: AppEnv['Bindings'] | undefined = c.env;
  return bindings?.target ?? '';
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
