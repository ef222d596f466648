import type { Context, MiddlewareHandler } from 'hono';
import { rateLimiter } from 'hono-rate-limiter';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { addressGroup, clientAddress } from '../http/client-address.ts';
import { type Counters, createCounters } from './counters.ts';

/**
 * How many requests a minute somebody may make. Counted in this process: where several serve together, each lets that
 * many through.
 */
export interface RateLimits {
  /** Stands before authentication: refuses an address from which too many credentials were wrong. */
  readonly wrongCredentials: MiddlewareHandler<AppEnv>;
  /** Stand behind it: by address, tenant and caller. Root is the operator, and is not counted. */
  readonly requests: readonly MiddlewareHandler<AppEnv>[];
}

const windowSeconds = 60;
const maxKeys = 50_000;

/** @param now - milliseconds since 1970; default: the system clock */
export function createRateLimits({ limits, access }: Config, now: () => number = Date.now): RateLimits {
  const countersOptions = { windowSeconds, maxKeys, now };
  const address = (c: Context<AppEnv>) => addressGroup(clientAddress(c, access.trustedProxyHops));

  function limit(who: string, requestsPerMinute: number, keyOf: (c: Context<AppEnv>) => string | undefined) {
    return rateLimiter<AppEnv>({
      windowMs: windowSeconds * 1000,
      limit: requestsPerMinute,
      standardHeaders: 'draft-6',
      store: createCounters(countersOptions),
      skip: (c) => c.var.principal.kind === 'root' || keyOf(c) === undefined,
      keyGenerator: (c) => keyOf(c) ?? '',
      handler: () => {
        throw new StowageError(
          'rate_limited',
          `This ${who} may make ${requestsPerMinute} requests a minute.`,
        );
      },
    });
  }

  return {
    wrongCredentials: wrongCredentials(
      createCounters(countersOptions),
      limits.wrongCredentialsPerMinute,
      address,
      now,
    ),
    // The last one writes the headers: what they tell is the caller's own limit.
    requests: [
      limit('address', limits.addressRequestsPerMinute, address),
      limit('tenant', limits.tenantRequestsPerMinute, ({ var: { principal } }) => principal.tenant),
      limit('caller', limits.requestsPerMinute, ({ var: { principal } }) =>
        JSON.stringify([principal.kind, principal.tenant, principal.sub]),
      ),
    ],
  };
}

/**
 * Counts guesses alone: not the good requests of many at a time, and not the expired tokens of a whole office behind
 * one address.
 */
function wrongCredentials(
  refusals: Counters,
  mostPerMinute: number,
  addressOf: (c: Context<AppEnv>) => string | undefined,
  now: () => number,
): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const address = addressOf(c);
    if (address === undefined) return next();
    const count = refusals.get(address);
    if (count && count.totalHits >= mostPerMinute) {
      c.header('retry-after', String(Math.ceil((count.resetTime.getTime() - now()) / 1000)));
      throw new StowageError('rate_limited', 'Too many wrong credentials have come from this address.');
    }
    await next();
    if (c.error instanceof StowageError && c.error.code === 'invalid_credentials')
      refusals.increment(address);
  };
}
