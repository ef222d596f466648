import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestService, rootKey, type TestService } from '../support/service.ts';

const limits = {
  requestsPerMinute: 3,
  tenantRequestsPerMinute: 5,
  addressRequestsPerMinute: 7,
  wrongCredentialsPerMinute: 4,
};

describe('rate limits', () => {
  let service: TestService;
  let time: number;

  beforeEach(async () => {
    service = await openTestService({ buckets: { files: {} }, limits }, { isLimited: true });
    time = Date.now();
    service.setClock(() => new Date(time));
  });
  afterEach(() => service.stop());

  async function tokenOf(sub: string, tenant?: string, expiresInSeconds = 900): Promise<string> {
    const grants = [{ bucket: 'files', prefix: '', actions: ['read'] }];
    const response = await service.call('POST', '/v1/tokens', { grants, sub, tenant, expiresInSeconds });
    const { token }: { token: string } = await response.json();
    return token;
  }

  const ask = async (credential: string, address = '192.0.2.1', headers: Record<string, string> = {}) =>
    service.app.request(
      '/v1/downloads',
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${credential}`,
          'content-type': 'application/json',
          ...headers,
        },
        body: JSON.stringify({ items: [{ bucket: 'files', key: 'a' }] }),
      },
      { peer: { address } },
    );
  const statuses = async (count: number, request: (index: number) => Promise<Response>) => {
    const all: number[] = [];
    for (let index = 0; index < count; index += 1) all.push((await request(index)).status);
    return all;
  };

  test('a caller is told what is left, and when to come again', async () => {
    const token = await tokenOf('ann');
    const first = await ask(token);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'ratelimit-limit': '3',
      'ratelimit-remaining': '2',
      'ratelimit-policy': '3;w=60',
    });
    expect(Number(first.headers.get('ratelimit-reset'))).toBeGreaterThan(50);
    await ask(token);
    await ask(token);

    const refused = await ask(token);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(await refused.json()).toMatchObject({
      code: 'rate_limited',
      detail: 'This caller may make 3 requests a minute.',
    });

    time += 60_000;
    expect((await ask(token)).status).toBe(200);
  });

  test('another caller is not held up, and neither is root', async () => {
    const [ann, bob] = [await tokenOf('ann'), await tokenOf('bob')];
    expect(await statuses(4, () => ask(ann))).toEqual([200, 200, 200, 429]);
    expect((await ask(bob)).status).toBe(200);
    expect(new Set(await statuses(20, () => ask(rootKey)))).toEqual(new Set([200]));
  });

  test('a second token makes nobody a second caller', async () => {
    const tokens = [await tokenOf('ann'), await tokenOf('ann')];
    expect(await statuses(4, (index) => ask(tokens[index % 2] ?? ''))).toEqual([200, 200, 200, 429]);
  });

  test('the callers of a tenant share its limit', async () => {
    const tokens = await Promise.all(['ann', 'bob', 'cec'].map((sub) => tokenOf(sub, 'acme')));
    expect(await statuses(6, (index) => ask(tokens[index % 3] ?? ''))).toEqual([
      200, 200, 200, 200, 200, 429,
    ]);
    expect((await ask(await tokenOf('ann', 'other'))).status).toBe(200);
  });

  test('the callers behind an address share its limit', async () => {
    const tokens = await Promise.all(['ann', 'bob', 'cec', 'dan'].map((sub) => tokenOf(sub)));
    const all = await statuses(8, (index) => ask(tokens[index % 4] ?? ''));
    expect(all).toEqual([200, 200, 200, 200, 200, 200, 200, 429]);
    expect((await ask(tokens[0] ?? '', '192.0.2.2')).status).toBe(200);
  });

  test('content, too, is counted', async () => {
    const token = await tokenOf('ann');
    const path = `/v1/content/files/a?access_token=${token}`;
    expect(await statuses(4, async () => service.app.request(path))).toEqual([302, 302, 302, 429]);
  });

  describe('for wrong credentials', () => {
    const guess = (address: string, headers = {}) => ask('stow_a-guess', address, headers);

    test('an address that guesses is shut out for a minute, even with the right one', async () => {
      expect(await statuses(5, () => guess('192.0.2.1'))).toEqual([401, 401, 401, 401, 429]);
      const refused = await ask(rootKey, '192.0.2.1');
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
      expect((await ask(rootKey, '192.0.2.2')).status).toBe(200);
      time += 60_000;
      expect((await ask(rootKey, '192.0.2.1')).status).toBe(200);
    });

    test('no guess are good requests, missing credentials, and tokens past their time', async () => {
      const expired = await tokenOf('ann', undefined, 1);
      time += 2000;
      expect(new Set(await statuses(10, () => ask(expired)))).toEqual(new Set([401]));
      expect(new Set(await statuses(10, () => ask(rootKey)))).toEqual(new Set([200]));
      const anonymous = async () => service.app.request('/v1/me', {}, { peer: { address: '192.0.2.1' } });
      expect(new Set(await statuses(10, anonymous))).toEqual(new Set([401]));
    });

    test('who has one IPv6 address has its whole /64', async () => {
      const from = (index: number) => `2001:db8::${index.toString(16)}:1`;
      expect(await statuses(5, (index) => guess(from(index)))).toEqual([401, 401, 401, 401, 429]);
      expect((await guess('2001:db8:0:1::1')).status).toBe(401);
      expect((await guess('::ffff:192.0.2.1')).status).toBe(401);
    });

    test('a header does not make another address', async () => {
      const forge = (index: number) => guess('192.0.2.1', { 'x-forwarded-for': `198.51.100.${index}` });
      expect(await statuses(5, forge)).toEqual([401, 401, 401, 401, 429]);
    });
  });

  describe('behind a proxy of ours', () => {
    let behind: TestService;
    beforeEach(async () => {
      behind = await openTestService(
        { buckets: { files: {} }, limits, access: { trustedProxyHops: 2 } },
        { isLimited: true },
      );
    });
    afterEach(() => behind.stop());

    const guess = async (forwarded: string) =>
      behind.app.request(
        '/v1/me',
        { headers: { authorization: 'Bearer stow_a-guess', 'x-forwarded-for': forwarded } },
        { peer: { address: '10.0.0.1' } },
      );

    test('the address is what the outermost of them has seen, whatever the caller writes', async () => {
      const forge = (index: number) => guess(`198.51.100.${index}, 192.0.2.1, 10.0.0.2`);
      expect(await statuses(5, forge)).toEqual([401, 401, 401, 401, 429]);
      expect((await guess('192.0.2.2, 10.0.0.2')).status).toBe(401);
    });

    test.each(['', '10.0.0.2', 'unknown, 10.0.0.2', 'x'.repeat(9000)])(
      'who has come past them is known by the connection: "%s"',
      async (forwarded) => {
        expect(await statuses(5, () => guess(forwarded))).toEqual([401, 401, 401, 401, 429]);
      },
    );
  });
});
