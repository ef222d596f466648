import { expect, test } from 'vitest';
import { cookiesAnswer, downloadsAnswer } from '../../../lib/downloads/schema.ts';
import { takeApart, verifiedStatement } from '../../support/cdn-key.ts';
import type { Api } from './host.ts';

/** On a host with a CDN what it signs counts there; on one without, everybody is told so. */
export function cdnSuite(api: Api): void {
  const key = 'cdn/a b*é.png';
  const encodedKey = 'cdn/a%20b%2A%C3%A9.png';
  const page = 'https://app.example.com';

  const ask = (item: Readonly<Record<string, unknown>>, caller = api) =>
    caller.ask(downloadsAnswer, 'POST', '/v1/downloads', {
      items: [{ bucket: 'images', key, ...item }],
      via: 'cdn',
      expiresInSeconds: 120,
    });

  test('a host without a CDN says so', async ({ skip }) => {
    skip(api.cdnOrigin !== undefined, 'this host has one');
    const items = [{ bucket: 'images', key }];
    expect(await api.refusal('POST', '/v1/downloads', { items, via: 'cdn' })).toBe('422 cdn_not_configured');
    expect(await api.refusal('POST', '/v1/downloads/cookies', { bucket: 'images' })).toBe(
      '422 cdn_not_configured',
    );
  });

  test('an address counts at the CDN for as long as it says', async ({ skip }) => {
    skip(api.cdnOrigin === undefined, 'this host has no CDN');
    const [item] = (await ask({})).items;
    if (!item || !('url' in item)) throw new Error(JSON.stringify(item));
    const { address, parts } = takeApart(item.url);
    expect(address).toBe(`${api.cdnOrigin}/o/images/${encodedKey}`);
    expect(parts['Key-Pair-Id']).toMatch(/^[\w-]+$/);
    const { expiresAt } = verifiedStatement(parts, address);
    expect(expiresAt.toISOString()).toBe(item.expiresAt);
    expect(Math.abs(expiresAt.getTime() - Date.now() - 120_000)).toBeLessThan(5000);
  });

  test('a file keeps the name that it is asked for under', async ({ skip }) => {
    skip(api.cdnOrigin === undefined, 'this host has no CDN');
    const [item] = (await ask({ filename: 'plan b.png' })).items;
    if (!item || !('url' in item)) throw new Error(JSON.stringify(item));
    const { address, parts } = takeApart(item.url);
    expect(new URL(address).search).toBe(
      '?response-content-disposition=attachment%3B%20filename%3D%22plan%20b.png%22',
    );
    expect(verifiedStatement(parts, address).resource).toBe(address);
  });

  test('what the CDN does not serve is refused by its rule, item by item', async ({ skip }) => {
    skip(api.cdnOrigin === undefined, 'this host has no CDN');
    const caller = await api.delegate({ grants: [{ bucket: '*', prefix: 'cdn/', actions: ['read'] }] });
    const refusalOf = async (item: object) => {
      const [answer] = (await ask({ ...item }, caller)).items;
      return answer && 'error' in answer ? `${answer.error.code}: ${answer.error.detail}` : 'none';
    };
    expect(await refusalOf({})).toBe('none');
    expect(await refusalOf({ bucket: 'files' })).toMatch(/^cdn_not_configured: .*"files".*"cdn"/);
    expect(await refusalOf({ versionId: 'v1' })).toMatch(/^invalid_request: .*current version/);
    expect(await refusalOf({ key: 'elsewhere' })).toMatch(/^access_denied/);
  });

  test('cookies open a prefix and nothing beside it', async ({ skip }) => {
    skip(api.cdnOrigin === undefined, 'this host has no CDN');
    const response = await api.call(
      'POST',
      '/v1/downloads/cookies',
      { bucket: 'images', prefix: 'films/a *b/seg-', expiresInSeconds: 60 },
      { origin: page },
    );
    const answer = cookiesAnswer['~standard'].validate(await response.json());
    if (answer instanceof Promise || answer.issues) throw new Error('no cookies');
    const { urlPrefix, cookies, query, expiresAt } = answer.value;
    expect(urlPrefix).toBe(`${api.cdnOrigin}/o/images/films/a%20%2Ab/seg-`);
    const parts = Object.fromEntries(
      Object.entries(cookies).map(([name, value]) => [name.replace('CloudFront-', ''), value]),
    );
    const statement = verifiedStatement(parts, 'any');
    expect(statement.resource).toBe(`${urlPrefix}*`);
    expect(statement.expiresAt.toISOString()).toBe(expiresAt);
    expect(takeApart(`${urlPrefix}1.ts?${query}`)).toEqual({ address: `${urlPrefix}1.ts`, parts });

    expect(response.headers.getSetCookie().toSorted()).toEqual(
      Object.entries(cookies)
        .map(
          ([name, value]) =>
            `${name}=${value}; Path=/o/images/films/a%20%2Ab/; Secure; HttpOnly; SameSite=Lax`,
        )
        .toSorted(),
    );
    // Else a browser drops what an answer to another origin sets.
    expect(response.headers.get('access-control-allow-origin')).toBe(page);
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
  });

  test('cookies are for who may read all that they open', async ({ skip }) => {
    skip(api.cdnOrigin === undefined, 'this host has no CDN');
    const caller = await api.delegate({ grants: [{ bucket: 'images', prefix: 'mine/', actions: ['read'] }] });
    const refusal = (command: object) => caller.refusal('POST', '/v1/downloads/cookies', command);
    expect(await refusal({ bucket: 'images' })).toBe('403 access_denied');
    expect(await refusal({ bucket: 'images', prefix: 'mine' })).toBe('403 access_denied');
    expect(await refusal({ bucket: 'images', prefix: 'mine/../yours/' })).toBe('400 invalid_request');
    expect(await refusal({ bucket: 'files', prefix: 'mine/' })).toBe('403 access_denied');
    expect(await api.refusal('POST', '/v1/downloads/cookies', { bucket: 'files' })).toBe(
      '422 cdn_not_configured',
    );
    // A denial, or what is the service's own, below the prefix: no cookie can leave it out.
    const reader = (...denials: object[]) =>
      api.delegate({ grants: [{ bucket: 'images', prefix: '', actions: ['read'] }, ...denials] });
    expect(
      await (await reader()).refusal('POST', '/v1/downloads/cookies', { bucket: 'images', prefix: '.' }),
    ).toBe('403 access_denied');
    const denied = await reader({
      effect: 'deny',
      bucket: 'images',
      prefix: 'mine/secret/',
      actions: ['read'],
    });
    expect(await denied.refusal('POST', '/v1/downloads/cookies', { bucket: 'images', prefix: 'mine/' })).toBe(
      '403 access_denied',
    );
    const { status } = await caller.call('POST', '/v1/downloads/cookies', {
      bucket: 'images',
      prefix: 'mine/a/',
    });
    expect(status).toBe(200);
  });

  test('other routes let no page send cookies', async () => {
    const { headers } = await api.call('GET', '/v1/me', undefined, { origin: page });
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
}
