import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { meAnswer, tokenAnswer } from '../../../lib/access/schema.ts';
import { bucketsAnswer } from '../../../lib/buckets/schema.ts';
import { type Api, problemOf } from './host.ts';

export function accessSuite(api: Api): void {
  const readMine = { bucket: 'files', prefix: 'mine/', actions: ['read'] };

  test('nobody is let in without a credential', async () => {
    for (const target of ['/v1/me', '/v1/nothing', '/v1/content/files/a', '/v1/me?access_token=stowt_x']) {
      const response = await api.raw('GET', target);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      await problemOf(response);
    }
  });

  test.each([
    'Basic c3Rvdzpz',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer stow_unknown',
    'Bearer stowt_AAAA',
  ])('"%s" is no credential', async (authorization) => {
    expect((await api.raw('GET', '/v1/me', { authorization })).status).toBe(401);
  });

  test('root is told who it is', async () => {
    const me = await api.ask(meAnswer, 'GET', '/v1/me');
    expect(me.principal).toEqual({ kind: 'root', sub: 'root' });
    expect(Math.abs(Date.parse(me.serverTime) - Date.now())).toBeLessThan(10_000);
  });

  test('a delegated token holds what it was given, and no more', async () => {
    const { token, expiresAt, grants } = await api.ask(tokenAnswer, 'POST', '/v1/tokens', {
      grants: [readMine],
      sub: 'ann',
      tenant: 'acme',
      expiresInSeconds: 60,
    });
    expect(grants).toEqual([readMine]);
    expect(Date.parse(expiresAt)).toBeLessThanOrEqual(Date.now() + 60_000);
    const ann = api.as(token);
    expect(await ann.ask(meAnswer, 'GET', '/v1/me')).toMatchObject({
      principal: { kind: 'token', sub: 'ann' },
      tenant: 'acme',
      grants: [readMine],
      expiresAt,
    });
    expect((await ann.call('GET', '/v1/content/files/mine/a')).status).toBe(302);
    for (const key of ['mine', 'yours/a', 'Mine/a']) {
      expect(await ann.refusal('GET', `/v1/content/files/${key}`)).toBe('403 access_denied');
    }
    expect(await ann.refusal('GET', '/v1/content/images/mine/a')).toBe('403 access_denied');
    expect(await ann.refusal('DELETE', '/v1/objects/files/mine/a')).toBe('403 access_denied');
    expect(await ann.refusal('POST', '/v1/uploads', { bucket: 'files', key: 'mine/a', sizeBytes: 1 })).toBe(
      '403 access_denied',
    );
  });

  test('whoever may not use a bucket does not learn whether there is one', async () => {
    const ann = await api.delegate({ grants: [readMine] });
    expect(await ann.refusal('GET', '/v1/content/none/a')).toBe('403 access_denied');
    expect(await api.refusal('GET', '/v1/content/none/a')).toBe('404 bucket_not_found');
  });

  test('an altered token is none', async () => {
    const { token } = await api.ask(tokenAnswer, 'POST', '/v1/tokens', { grants: [readMine] });
    const middle = Math.floor(token.length / 2);
    const flipped = token.slice(0, middle) + (token[middle] === 'A' ? 'B' : 'A') + token.slice(middle + 1);
    for (const altered of [flipped, token.slice(0, -1), `${token}A`]) {
      expect(await api.as(altered).refusal('GET', '/v1/me')).toBe('401 invalid_credentials');
    }
  });

  test('a token ends on time', async () => {
    const brief = await api.delegate({ grants: [readMine], expiresInSeconds: 1 });
    await sleep(1100);
    expect(await brief.refusal('GET', '/v1/me')).toBe('401 token_expired');
  });

  test('nobody delegates more than they have', async () => {
    const ann = await api.delegate({ grants: [readMine], sub: 'ann' });
    const { code, errors } = await problemOf(
      await ann.call('POST', '/v1/tokens', {
        grants: [readMine, { ...readMine, prefix: '' }, { ...readMine, actions: ['read', 'write'] }],
      }),
    );
    expect([code, errors?.map(({ path }) => path)]).toEqual([
      'grant_exceeds_caller',
      ['grants[1]', 'grants[2]'],
    ]);
    expect(await ann.refusal('POST', '/v1/tokens', { grants: [readMine], sub: 'bob' })).toBe(
      '403 grant_exceeds_caller',
    );
    const narrower = await ann.delegate({ grants: [{ ...readMine, prefix: 'mine/now/' }] });
    expect((await narrower.call('GET', '/v1/content/files/mine/now/a')).status).toBe(302);
  });

  test('a prefix is filled in with the name of whoever bears the token', async () => {
    const { grants } = await api.ask(tokenAnswer, 'POST', '/v1/tokens', {
      grants: [{ ...readMine, prefix: '${tenant}/${sub}/' }],
      sub: 'ann',
      tenant: 'acme',
    });
    expect(grants[0]?.prefix).toBe('acme/ann/');
  });

  test('callers see the buckets that they may use', async () => {
    const namesFor = async (caller: Api) =>
      (await caller.ask(bucketsAnswer, 'GET', '/v1/buckets')).buckets.map(({ name }) => name);
    expect(await namesFor(api)).toEqual(['files', 'images']);
    expect(await namesFor(await api.delegate({ grants: [readMine] }))).toEqual(['files']);
  });

  test('a token, but no key, may stand in the address of content', async () => {
    const { token } = await api.ask(tokenAnswer, 'POST', '/v1/tokens', { grants: [readMine] });
    const get = (credential: string) => api.raw('GET', `/v1/content/files/mine/a?access_token=${credential}`);
    expect((await get(token)).status).toBe(302);
    expect((await get(token)).headers.get('location')).not.toContain(token);
    expect((await get('stow_some-key')).status).toBe(401);
  });
}
