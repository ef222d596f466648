import { expect, test } from 'vitest';
import { rootKey } from '../../support/service.ts';
import { type Api, problemOf } from './host.ts';

export function httpSuite(api: Api): void {
  test('says that it lives and is ready, to anybody', async () => {
    const live = await api.raw('GET', '/health/live');
    expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
    const ready = await api.raw('GET', '/health/ready');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      status: 'ok',
      checks: { storage: { status: 'ok' }, records: { status: 'ok' } },
    });
  });

  test('gives its contract to anybody', async () => {
    const response = await api.raw('GET', '/openapi.json');
    expect(await response.json()).toMatchObject({ openapi: '3.1.0', info: { title: 'Stowage' } });
  });

  test.each([
    ['GET', '/nothing'],
    ['GET', '/v1/nothing'],
    ['PUT', '/v1/me'],
    ['GET', '/v1/objects'],
    ['POST', '/v1/uploads/a/b/c'],
  ])('has no %s %s', async (method, target) => {
    const { code, detail } = await problemOf(await api.call(method, target));
    expect([code, detail]).toEqual(['not_found', `There is no ${method} ${target}.`]);
  });

  test("gives each answer an id, which may be the caller's own", async () => {
    const ids = await Promise.all(
      ['', 'mine-0123456789', 'short', 'with space', 'x'.repeat(65)].map(async (id) => {
        const response = await api.raw('GET', '/health/live', id === '' ? {} : { 'x-request-id': id });
        return response.headers.get('x-request-id') ?? '';
      }),
    );
    expect(ids[1]).toBe('mine-0123456789');
    for (const id of ids) expect(id).toMatch(/^[\w-]{8,64}={0,2}$/);
  });

  test('answers HEAD as GET, without the body', async () => {
    const response = await api.call('HEAD', '/v1/me');
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect((await api.raw('HEAD', '/v1/me')).status).toBe(401);
  });

  test('lets nobody keep an answer or guess its type', async () => {
    for (const response of [
      await api.call('GET', '/v1/me'),
      await api.raw('GET', '/v1/me'),
      await api.raw('GET', '/health/live'),
      await api.raw('GET', '/nothing'),
    ]) {
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('takes JSON alone, and only what it can read', async () => {
    const headers = { authorization: `Bearer ${rootKey}` };
    const send = (contentType: string, body: string) =>
      api.raw('POST', '/v1/uploads', { ...headers, 'content-type': contentType }, body).then(problemOf);
    expect(await send('text/plain', '{}')).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    expect(await send('application/json', '{"bucket"')).toMatchObject({ status: 400, code: 'invalid_json' });
    expect(await send('application/json; charset=utf-8', '[]')).toMatchObject({ code: 'invalid_request' });
  });

  test('lists every fault of a body at once, unknown fields included', async () => {
    const { code, errors } = await problemOf(
      await api.call('POST', '/v1/downloads', {
        items: [{ bucket: 'files', key: 'fine' }, { bucket: 'files', key: '../up' }, { key: 7 }],
        expiresInSeconds: 0,
        colour: 'red',
      }),
    );
    expect(code).toBe('invalid_request');
    expect(errors?.map(({ path }) => path).toSorted()).toEqual([
      'colour',
      'expiresInSeconds',
      'items[1].key',
      'items[2].bucket',
      'items[2].key',
    ]);
  });

  test('refuses a body of more than 2 MiB, and serves the next request', async () => {
    const keys = ['x'.repeat(2 * 2 ** 20)];
    for (const caller of [api, api.as('stow_unknown')]) {
      const expected = caller === api ? '413 body_too_large' : '401 invalid_credentials';
      for (const _ of ['once', 'again']) {
        expect(await caller.refusal('POST', '/v1/objects/files/delete', { keys })).toBe(expected);
      }
      expect((await api.call('GET', '/v1/me')).status).toBe(200);
    }
  });

  test('refuses an address that is not UTF-8', async () => {
    for (const target of ['/v1/objects/files?prefix=%C3', '/v1/objects/files?prefix=%zz']) {
      expect(await api.refusal('GET', target)).toBe('400 invalid_request');
    }
  });

  test('lets the configured origins call from a browser', async () => {
    const ask = (origin: string) =>
      api.raw('OPTIONS', '/v1/uploads', {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      });
    const { status, headers } = await ask('https://app.example.com');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(headers.get('access-control-allow-methods')?.split(/, ?/)).toContain('POST');
    expect(headers.get('access-control-allow-headers')?.split(/, ?/)).toEqual(
      expect.arrayContaining(['authorization', 'content-type']),
    );
    expect((await ask('https://evil.example.com')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('lets a browser read answers and refusals alike', async () => {
    for (const authorization of [`Bearer ${rootKey}`, 'Bearer wrong']) {
      const { headers } = await api.raw('GET', '/v1/me', {
        origin: 'https://app.example.com',
        authorization,
      });
      expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com');
      expect(headers.get('access-control-expose-headers')).toContain('x-request-id');
      expect(headers.get('vary')?.toLowerCase()).toContain('origin');
    }
  });
}
