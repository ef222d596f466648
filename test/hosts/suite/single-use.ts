import { beforeEach, expect, test } from 'vitest';
import { tokenAnswer } from '../../../lib/access/schema.ts';
import type { Api } from './host.ts';

/** Tokens for one upload or one download. */
export function singleUseSuite(api: Api): void {
  beforeEach(({ skip }) => skip(!api.hasRecords, 'the database of records is absent'));

  async function mint(action: string, maker: Api = api) {
    const grants = [{ bucket: 'files', prefix: 'once/', actions: [action] }];
    return api.as((await maker.ask(tokenAnswer, 'POST', '/v1/tokens', { grants, singleUse: true })).token);
  }
  const used = '401 token_used';
  const download = { items: [{ bucket: 'files', key: 'once/a' }] };

  test('one for a download gives one address, whichever way', async () => {
    const first = await mint('read');
    expect((await first.call('POST', '/v1/downloads', download)).status).toBe(200);
    expect(await first.refusal('POST', '/v1/downloads', download)).toBe(used);
    expect(await first.refusal('GET', '/v1/content/files/once/a')).toBe(used);

    const second = await mint('read');
    // An address for HEAD gives no bytes.
    expect((await second.call('HEAD', '/v1/content/files/once/a')).status).toBe(302);
    expect((await second.call('GET', '/v1/content/files/once/a')).status).toBe(302);
    expect(await second.refusal('POST', '/v1/downloads', download)).toBe(used);
  });

  test('of many that use it at once one succeeds', async () => {
    const holder = await mint('read');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => holder.call('GET', '/v1/content/files/once/a')),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      302,
      ...Array(9).fill(401),
    ]);
  });

  test('one for an upload begins one, and goes on with that alone', async () => {
    const holder = await mint('write');
    const other = await mint('write');
    const big = { sizeBytes: 20 * 2 ** 20, method: 'multipart' };
    const upload = await holder.begin({ key: 'once/big', ...big });
    const path = `/v1/uploads/${upload.uploadId}`;
    expect(
      await holder.refusal('POST', '/v1/uploads', { bucket: 'files', key: 'once/b', sizeBytes: 1 }),
    ).toBe(used);
    expect((await holder.call('POST', `${path}/parts`, { partNumbers: [2] })).status).toBe(200);
    expect((await holder.call('GET', path)).status).toBe(200);
    expect(await other.refusal('POST', `${path}/parts`, { partNumbers: [2] })).toBe('403 access_denied');
    expect((await holder.call('DELETE', path)).status).toBe(204);
  });

  test('what is refused does not use it up', async () => {
    const holder = await mint('write');
    expect(await holder.refusal('POST', '/v1/uploads', { bucket: 'files', key: 'b', sizeBytes: 1 })).toBe(
      '403 access_denied',
    );
    await holder.begin({ key: 'once/a', sizeBytes: 1 });
    const reader = await mint('read');
    const beside = { items: [{ bucket: 'files', key: 'b' }] };
    expect((await reader.call('POST', '/v1/downloads', beside)).status).toBe(200);
    expect((await reader.call('POST', '/v1/downloads', download)).status).toBe(200);
  });

  test('opens nothing else: no second object, no list, and no token of its own', async () => {
    const reader = await mint('read');
    const two = { items: [...download.items, { bucket: 'files', key: 'once/b' }] };
    const grants = [{ bucket: 'files', prefix: 'once/', actions: ['read'] }];
    const tries: readonly [method: string, path: string, body?: unknown][] = [
      ['POST', '/v1/downloads', two],
      ['POST', '/v1/tokens', { grants }],
      ['GET', '/v1/objects/files/once/a'],
      ['GET', '/v1/objects/files?prefix=once/'],
      ['DELETE', '/v1/objects/files/once/a'],
      ['POST', '/v1/objects/files/delete', { keys: ['once/a'] }],
      ['GET', '/v1/usage'],
    ];
    for (const [method, path, body] of tries) {
      expect(await reader.refusal(method, path, body), `${method} ${path}`).toBe('403 access_denied');
    }
    expect((await reader.call('GET', '/v1/me')).status).toBe(200);
  });

  test.each([
    ['two actions', [{ bucket: 'files', actions: ['read', 'write'] }]],
    ['another action', [{ bucket: 'files', actions: ['delete'] }]],
    [
      'two grants',
      [
        { bucket: 'files', actions: ['read'] },
        { bucket: 'photos', actions: ['read'] },
      ],
    ],
    ['a denial', [{ effect: 'deny', bucket: 'files', actions: ['read'] }]],
  ])('is not made with %s', async (_, grants) => {
    expect(await api.refusal('POST', '/v1/tokens', { grants, singleUse: true })).toBe('400 invalid_request');
  });
}
