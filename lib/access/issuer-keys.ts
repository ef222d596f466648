import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import * as v from 'valibot';
import { isSecureAddress } from '../config/values.ts';
import { StowageError } from '../errors.ts';
import { openConnections } from '../storage/exchange.ts';
import type { Log } from '../telemetry/log.ts';

/**
 * The public keys of an OpenID provider, found by discovery and kept.
 *
 * They are fetched when first needed, again once they are {@link maxAgeSeconds} old, and when a token names a key that
 * is not among them, since a provider may have begun to use a new one. None of it happens more often than every
 * {@link coolDownSeconds}, so that nobody makes the service hammer its provider by made-up key ids. While the provider
 * is out, the last keys stay in use.
 *
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html
 */

const maxAgeSeconds = 600;
const coolDownSeconds = 30;
const timeoutSeconds = 3;
const maxResponseBytes = 256 * 1024;

const discovery = v.object({
  issuer: v.string(),
  jwks_uri: v.pipe(v.string(), v.check(isSecureAddress, 'must be https')),
});
const keySet = v.object({ keys: v.array(v.looseObject({ kty: v.string() })) });

export interface IssuerKeysOptions {
  readonly issuer: string;
  readonly now: () => Date;
  readonly log: Log;
}

/** @returns what jose asks for a token's key; it throws {@link StowageError} `issuer_unavailable` while no key was ever had */
export function issuerKeys({ issuer, now, log }: IssuerKeysOptions): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | undefined;
  let fetchedAt = -Infinity;
  let triedAt = -Infinity;
  let pending: Promise<void> | undefined;

  const isOlderThan = (time: number, seconds: number) => now().getTime() - time >= seconds * 1000;

  async function fetchKeys(): Promise<void> {
    triedAt = now().getTime();
    try {
      keys = createLocalJWKSet(await readKeys(issuer));
      fetchedAt = triedAt;
    } catch (error) {
      log('warn', 'The keys of an issuer cannot be fetched', { issuer, inUse: keys !== undefined, error });
    } finally {
      pending = undefined;
    }
  }

  /** Callers that come meanwhile wait for the same answer. */
  async function refresh(): Promise<void> {
    if (!pending && isOlderThan(triedAt, coolDownSeconds)) pending = fetchKeys();
    await pending;
  }

  return async (header, token) => {
    if (isOlderThan(fetchedAt, maxAgeSeconds)) await refresh();
    if (!keys) throw new StowageError('issuer_unavailable', `The issuer ${issuer} gives no keys.`);
    try {
      return await keys(header, token);
    } catch (error) {
      const known = keys;
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      if (keys === known) throw error;
      return keys(header, token);
    }
  };
}

async function readKeys(issuer: string) {
  const found = v.parse(
    discovery,
    await readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
  );
  if (found.issuer !== issuer) throw new Error(`the issuer calls itself ${found.issuer}`);
  return v.parse(keySet, await readJson(found.jwks_uri));
}

/** Follows no redirect: whoever could place one would choose whose keys are trusted. */
async function readJson(address: string): Promise<unknown> {
  const { origin, protocol, pathname, search } = new URL(address);
  const { exchange, close } = openConnections({ secure: protocol === 'https:', maxResponseBytes });
  try {
    const { status, body } = await exchange(
      {
        method: 'GET',
        origin,
        path: pathname + search,
        headers: { accept: 'application/json' },
        body: '',
      },
      timeoutSeconds,
    );
    if (status !== 200) throw new Error(`${address} answers with status ${status}`);
    return JSON.parse(body);
  } finally {
    close();
  }
}
