import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach } from 'vitest';
import { audience, type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { openTestService, type TestService } from '../support/service.ts';

export const jwksPath = '/jwks';
export const readMine = { bucket: 'files', prefix: 'mine/', actions: ['read'] };

/** A service that trusts one OpenID provider, both new for each test; time passes only when it is told to. */
export interface TrustingService {
  readonly provider: OpenIdProvider;
  readonly service: TestService;
  readonly me: (token: string) => Promise<Response>;
  readonly pass: (seconds: number) => void;
  /** Seconds since 1970, as tokens write it. */
  readonly now: () => number;
}

export function trustingService(): () => TrustingService {
  let current: TrustingService;

  beforeEach(async () => {
    const provider = await startOpenIdProvider();
    const grants = [
      { bucket: 'files', prefix: 'users/${sub}/', actions: ['read', 'write'] },
      { when: { groups: 'editors' }, bucket: 'media', actions: ['write'], contentTypes: ['image/*'] },
      { when: { groups: 'editors', email_verified: true }, bucket: 'media', actions: ['delete'] },
    ];
    const service = await openTestService({
      buckets: { files: {}, media: {} },
      access: { issuers: [{ issuer: provider.issuer, audience, grants }] },
    });
    let time = Date.now();
    service.setClock(() => new Date(time));
    current = {
      provider,
      service,
      me: (token) => service.call('GET', '/v1/me', undefined, token),
      pass: (seconds) => {
        time += seconds * 1000;
      },
      now: () => Math.floor(time / 1000),
    };
  });

  afterEach(async () => {
    await current.service.stop();
    await current.provider.close();
  });

  return () => current;
}

/** `401 invalid_credentials: why` */
export async function describeRefusal(response: Response): Promise<string> {
  const { code, detail }: { code?: string; detail?: string } = await response.json();
  return `${response.status} ${code}: ${detail}`;
}

/** Answers in the provider's place when asked for its keys. */
export function publish(url: string | undefined, response: ServerResponse, keys: readonly object[]): boolean {
  if (url !== jwksPath) return false;
  response.end(JSON.stringify({ keys }));
  return true;
}
