import type { Context, MiddlewareHandler } from 'hono';
import { rateLimiter } from 'hono-rate-limiter';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { addressGroup, clientAddress } from '../http/client-address.ts';
import type { Records } from '../records/port.ts';
import type { Log } from '../telemetry/log.ts';
import { type Counters, createCounters } from './counters.ts';
import { type SharedCounters, sharedCountersOn } from './shared-counters.ts';

/**
 * How many requests a minute somebody may make: of this process, or, where several serve together on the same records,
 * of all of them.
 */
export interface RateLimits {
  /** Stands before authentication: refuses an address from which too many credentials were wrong. */
  readonly wrongCredentials: MiddlewareHandler<AppEnv>;
  /** Stand behind it: by address, tenant and caller. Root is the operator, and is not counted. */
  readonly requests: readonly MiddlewareHandler<AppEnv>[];
}

const windowSeconds = 60;
const maxKeys = 50_000;

export interface RateLimitDeps {
  /** Where other processes count, too. Default: nowhere, and this one counts in its memory. */
  readonly shared?: { readonly records: Records; readonly log: Log } | undefined;
  /** Milliseconds since 1970. Default: the system clock. */
  readonly now?: () => number;
}

export function createRateLimits(
  { limits, access }: Config,
  { shared, now = Date.now }: RateLimitDeps = {},
): RateLimits {
  const openShared = shared && sharedCountersOn({ ...shared, now });
  const countersFor = (name: string, most: number) =>
    openShared?.({ name, limit: most, windowSeconds, maxKeys }) ??
    createCounters({ windowSeconds, maxKeys, now });
  const address = (c: Context<AppEnv>) => addressGroup(clientAddress(c, access.trustedProxyHops));

  function limit(who: string, requestsPerMinute: number, keyOf: (c: Context<AppEnv>) => string | undefined) {
    return rateLimiter<AppEnv>({
      windowMs: windowSeconds * 1000,
      limit: requestsPerMinute,
      standardHeaders: 'draft-6',
      store: countersFor(who, requestsPerMinute),
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
      countersFor('wrong credentials', limits.wrongCredentialsPerMinute),
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
  refusals: Counters | SharedCounters,
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
    if (c.error instanceof StowageError && c.error.code === 'invalid_credentials') {
      await refusals.increment(address);
    }
  };
}
