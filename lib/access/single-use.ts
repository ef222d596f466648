import type { MiddlewareHandler } from 'hono';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { routeName } from '../http/route-name.ts';
import type { Records } from '../records/port.ts';
import { type Lineage, tokenIdOf } from './lineage.ts';
import type { Principal } from './principal.ts';

/**
 * Tokens for a single upload or a single download. That one is used is a record, so that all processes know it at once;
 * other tokens cost none.
 */
export interface SingleUses {
  /**
   * Does what a token is for, and uses a single-use token up by it. When it fails, the token may be used again.
   *
   * @param isUse - was something issued? Default: yes, unless `act` throws
   * @throws StowageError `token_used`, or `records_unavailable`
   */
  readonly spend: <T>(
    principal: Principal,
    act: () => T | Promise<T>,
    isUse?: (result: T) => boolean,
  ) => Promise<T>;
}

const partition = 'used-tokens';

/** So far the clocks of two processes may differ, and more. */
const marginSeconds = 3600;

export function createSingleUses(records: Records): SingleUses {
  return {
    async spend(principal, act, isUse = () => true) {
      const { singleUse, lineage, expiresAt } = principal;
      const tokenId = tokenIdOf(lineage);
      if (!singleUse || tokenId === undefined) return act();
      const use = {
        partition,
        sort: tokenId,
        value: null,
        expiresAt: expiresAt && new Date(expiresAt.getTime() + marginSeconds * 1000),
      };
      if ((await records.put(use, 'absent')) === undefined) {
        throw new StowageError('token_used', 'The token was good for one use, and has been used.');
      }
      const giveBack = () => records.delete(partition, tokenId);
      try {
        const result = await act();
        if (!isUse(result)) await giveBack();
        return result;
      } catch (error) {
        await giveBack();
        throw error;
      }
    },
  };
}

/** What a single-use token opens. Whatever else there is or will be it does not. */
const routes: ReadonlySet<string> = new Set([
  'GET /v1/me',
  'POST /v1/uploads',
  'GET /v1/uploads/{uploadId}',
  'POST /v1/uploads/{uploadId}/parts',
  'POST /v1/uploads/{uploadId}/complete',
  'DELETE /v1/uploads/{uploadId}',
  'POST /v1/downloads',
  'GET /v1/content/{bucket}/{key}',
]);

/** Stands behind authentication. @throws StowageError `access_denied` */
export function confineSingleUse(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.var.principal.singleUse && !routes.has(routeName(c) ?? '')) {
      throw new StowageError('access_denied', 'A single-use token begins one upload or one download.');
    }
    await next();
  };
}

/** Was this begun with the caller's own single-use token? All others ask for no such thing. */
export function isOwnUse({ singleUse, lineage }: Principal, begun: Lineage): boolean {
  return !singleUse || tokenIdOf(begun) === tokenIdOf(lineage);
}
