import { beforeAll, expect, test } from 'vitest';
import { type Api, problemOf } from '../suite/host.ts';

const actions = ['read', 'write', 'delete', 'list', 'admin'] as const;
type Action = (typeof actions)[number];

/** Does anybody use a function that is not theirs? */
export function functionAttacks(api: Api): void {
  const key = 'mine/a';
  const holding = (held: readonly Action[], more: object = {}) =>
    api.delegate({ grants: [{ bucket: 'files', prefix: 'mine/', actions: held, ...more }] });

  const functions: readonly [takes: Action, name: string, method: string, target: string, body?: unknown][] =
    [
      ['read', 'fetch', 'GET', `/v1/content/files/${key}`],
      ['read', 'look at an object', 'GET', `/v1/objects/files/${key}`],
      ['write', 'begin an upload', 'POST', '/v1/uploads', { bucket: 'files', key, sizeBytes: 1 }],
      ['delete', 'delete', 'DELETE', `/v1/objects/files/${key}`],
      ['list', 'list', 'GET', '/v1/objects/files?prefix=mine/'],
      ['list', 'list uploads', 'GET', '/v1/uploads?bucket=files&prefix=mine/'],
    ];

  test.each(functions)('all but "%s" are not enough to %s', async (takes, _, method, target, body) => {
    const caller = await holding(actions.filter((action) => action !== takes));
    expect((await problemOf(await caller.call(method, target, body))).status).toBe(403);
  });

  test.each<[name: string, grant: object]>([
    ['every action but admin', { bucket: '*', actions: ['read', 'write', 'delete', 'list'] }],
    ['admin of one bucket', { bucket: 'files', actions: ['admin'] }],
    ['admin of a prefix', { bucket: '*', prefix: 'mine/', actions: ['admin'] }],
  ])('%s is not enough for keys and the tokens of others', async (_, grant) => {
    const caller = await api.delegate({ grants: [grant] });
    const command = { name: 'a', grants: [{ bucket: 'files', prefix: 'mine/', actions: ['read'] }] };
    const id = '/v1/keys/AAAAAAAAAAAA';
    for (const [method, target, body] of [
      ['GET', '/v1/keys'],
      ['POST', '/v1/keys', command],
      ['GET', id],
      ['PATCH', id, { enabled: false }],
      ['POST', `${id}/rotate`, {}],
      ['DELETE', id],
      ['POST', '/v1/tokens/revoke', { tokenId: 'AAAAAAAAAAAAAAAA' }],
    ] as const) {
      expect(await caller.refusal(method, target, body)).toBe('403 access_denied');
    }
  });

  test.each(['x-http-method-override', 'x-http-method', 'x-method-override'])(
    'the method is not overridden by %s',
    async (name) => {
      await api.store(key, 'x');
      const holder = await holding(['read', 'delete']);
      const target = `/v1/objects/files/${key}`;
      const headers = { [name]: 'DELETE' };
      expect((await holder.call('GET', target, undefined, headers)).status).toBe(200);
      expect((await holder.call('POST', target, {}, headers)).status).toBe(404);
      expect((await api.call('GET', target)).status).toBe(200);
    },
  );

  test.each(['_method=DELETE', '_HttpMethod=DELETE', '$method=DELETE'])(
    'the method is not overridden by the query %s',
    async (query) => {
      await api.store(key, 'x');
      expect(await api.refusal('GET', `/v1/objects/files/${key}?${query}`)).toBe('400 invalid_request');
      expect((await api.call('GET', `/v1/objects/files/${key}`)).status).toBe(200);
    },
  );

  test.each(['DELETE ', 'GET/DELETE', 'PUT', 'LINK', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE'])(
    'the method "%s" deletes and writes nothing',
    async (method) => {
      await api.store(key, 'x');
      const target = `/v1/objects/files/${key}`;
      // What a client itself refuses to send does not get there.
      const sent = await api.call(method, target).catch(() => undefined);
      expect([undefined, 400, 404, 405]).toContain(sent?.status);
      expect((await api.call('GET', target)).status).toBe(200);
    },
  );

  test.each([
    '/v1/keys/',
    '/v1//keys',
    '//v1/keys',
    '/V1/keys',
    '/v1/KEYS',
    '/v1/keys%2F',
    '/v1%2Fkeys',
    '/v1/keys;a=b',
    '/v1/keys.json',
    '/v1/keys%20',
    '/v1/keys%00',
    '/v1/%6beys',
    '/v1/content%2F..%2Fkeys',
    '/v1/content/..%2Fkeys',
    '/v1/sign-in/../keys',
    '/v1/sign-in%2F..%2Fkeys',
    '/health/..%2Fv1/keys',
    '/openapi.json/../v1/keys',
    '/v1/keys?access_token=stowt_AAAA',
  ])('no guard is passed by the address %s', async (target) => {
    const reader = await holding(['read']);
    for (const response of [await api.raw('GET', target), await reader.call('GET', target)]) {
      expect([400, 401, 403, 404]).toContain(response.status);
      expect(await response.text()).not.toContain('"keys"');
    }
  });

  test('who may not use a bucket is not told which there are', async () => {
    const caller = await holding(['read']);
    const refusals = await Promise.all(
      ['images', 'none', '__proto__'].map(async (bucket) => {
        const answer = await problemOf(await caller.call('GET', `/v1/objects/${bucket}/a`));
        return [answer.status, answer.code, answer.detail.replaceAll(bucket, '')];
      }),
    );
    expect(new Set(refusals.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await (await caller.call('GET', '/v1/buckets')).text()).not.toContain('images');
  });

  test('who may not read an object is not told whether it is there', async () => {
    await api.store('hidden/there', 'x');
    const caller = await holding(['read', 'write', 'delete', 'list']);
    for (const method of ['GET', 'DELETE']) {
      const refusals = await Promise.all(
        ['hidden/there', 'hidden/lacks'].map(async (name) => {
          const answer = await problemOf(await caller.call(method, `/v1/objects/files/${name}`));
          return [answer.status, answer.code, answer.detail.replaceAll(name, '')];
        }),
      );
      expect(refusals[0]).toEqual(refusals[1]);
    }
  });

  beforeAll(() => api.store(key, 'x'));
}
