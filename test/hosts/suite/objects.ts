import { expect, test } from 'vitest';
import { deleteAnswer, listAnswer, objectAnswer } from '../../../lib/objects/schema.ts';
import { downloadsAnswer } from '../../../lib/downloads/schema.ts';
import { type Api, encodeKey } from './host.ts';

export function objectsSuite(api: Api): void {
  const list = (query: string) => api.ask(listAnswer, 'GET', `/v1/objects/files?${query}`);
  const keysUnder = async (prefix: string) =>
    (await list(`prefix=${encodeURIComponent(prefix)}`)).objects.map(({ key }) => key);

  test.each([
    'two words',
    'plus+plus and%20percent',
    '100% %41 %2F %zz',
    'a//b///c',
    'trailing/',
    'ünïcode/日本語/🪣 é',
    `quotes'"()!*~-_.`,
    'reserved:@&=$,;[]{}|^`<>\\',
    'hash#tag',
    'delete',
  ])('the key %j is the same on every way', async (name) => {
    const key = `objects/keys/${name}`;
    const encoded = encodeKey(key);
    await api.store(key, name);
    expect(await api.ask(objectAnswer, 'GET', `/v1/objects/files/${encoded}`)).toMatchObject({
      bucket: 'files',
      key,
      sizeBytes: Buffer.byteLength(name),
      contentType: 'text/plain',
      metadata: {},
    });
    const redirect = await api.call('GET', `/v1/content/files/${encoded}`);
    expect(await (await fetch(redirect.headers.get('location') ?? '')).text()).toBe(name);
    expect(await keysUnder('objects/keys/')).toEqual([key]);
    expect((await api.call('DELETE', `/v1/objects/files/${encoded}`)).status).toBe(204);
    expect(await keysUnder('objects/keys/')).toEqual([]);
  });

  test('the routes with the key in their body take a question mark, too', async () => {
    const key = 'objects/really?';
    await api.store(key, 'yes');
    const { items } = await api.ask(downloadsAnswer, 'POST', '/v1/downloads', {
      items: [{ bucket: 'files', key }],
    });
    const [item] = items;
    if (!item || !('url' in item)) throw new Error('no address');
    expect(await (await fetch(item.url)).text()).toBe('yes');
    expect(await api.ask(deleteAnswer, 'POST', '/v1/objects/files/delete', { keys: [key] })).toEqual({
      results: [{ key, deleted: true }],
    });
  });

  test('a listing goes by prefix, delimiter and page', async () => {
    for (const name of ['a', 'b/1', 'b/2', 'c d', 'e+f']) await api.store(`objects/list/${name}`, name);
    const whole = await list('prefix=objects/list/');
    expect(whole.objects.map(({ key }) => key.slice('objects/list/'.length))).toEqual([
      'a',
      'b/1',
      'b/2',
      'c d',
      'e+f',
    ]);
    expect(whole).not.toHaveProperty('cursor');
    expect(whole.objects[0]).toMatchObject({ sizeBytes: 1, storageClass: 'STANDARD' });

    const folded = await list('prefix=objects/list/&delimiter=/');
    expect(folded.prefixes).toEqual(['objects/list/b/']);
    expect(folded.objects.map(({ key }) => key)).toEqual([
      'objects/list/a',
      'objects/list/c d',
      'objects/list/e+f',
    ]);

    const pages: string[][] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page = await list(`prefix=objects/list/&limit=2${cursor && `&cursor=${cursor}`}`);
      pages.push(page.objects.map(({ key }) => key.slice('objects/list/'.length)));
      cursor = page.cursor;
    }
    expect(pages).toEqual([['a', 'b/1'], ['b/2', 'c d'], ['e+f']]);
  });

  test.each(['limit=0', 'limit=1001', 'limit=x', 'cursor=!', 'colour=red', 'prefix=%00'])(
    'a listing refuses %s',
    async (query) => {
      expect(await api.refusal('GET', `/v1/objects/files?${query}`)).toBe('400 invalid_request');
    },
  );

  test('a listing refuses a cursor that is not from here', async () => {
    expect(await api.refusal('GET', '/v1/objects/files?cursor=AAAA')).toBe('400 invalid_cursor');
  });

  test('a listing shows no more than its caller may see', async () => {
    const ann = await api.delegate({
      grants: [{ bucket: 'files', prefix: 'objects/list/', actions: ['list'] }],
    });
    expect((await ann.call('GET', '/v1/objects/files?prefix=objects/list/b')).status).toBe(200);
    expect(await ann.refusal('GET', '/v1/objects/files')).toBe('403 access_denied');
    expect(await ann.refusal('GET', '/v1/objects/files/objects/list/a')).toBe('403 access_denied');
  });

  test('an object has a head', async () => {
    await api.store('objects/head', 'head');
    const response = await api.call('HEAD', '/v1/objects/files/objects/head');
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect((await api.call('HEAD', '/v1/objects/files/objects/none')).status).toBe(404);
  });

  test('what is not there is not found, and deleting it is no fault', async () => {
    expect(await api.refusal('GET', '/v1/objects/files/objects/none')).toBe('404 object_not_found');
    expect((await api.call('DELETE', '/v1/objects/files/objects/none')).status).toBe(204);
    expect(await api.refusal('GET', '/v1/objects/none/a')).toBe('404 bucket_not_found');
  });

  test.each(['a/%2E%2E/b', '%2E/a', 'a%00b', 'a%0Ab', '%C3'])('no object has the key %s', async (key) => {
    expect(await api.refusal('GET', `/v1/objects/files/${key}`)).toMatch(/^(400 invalid_request|404 \w+)$/);
  });

  test('many are deleted at once, each with its own result', async () => {
    for (const name of ['a', 'b']) await api.store(`objects/many/${name}`, name);
    const caller = await api.delegate({
      grants: [{ bucket: 'files', prefix: 'objects/many/', actions: ['delete'] }],
    });
    const keys = [
      'objects/many/a',
      'objects/many/none',
      'objects/other',
      'objects/many/../b',
      'objects/many/b',
    ];
    const { results } = await caller.ask(deleteAnswer, 'POST', '/v1/objects/files/delete', { keys });
    expect(results).toEqual([
      { key: keys[0], deleted: true },
      { key: keys[1], deleted: true },
      { key: keys[2], error: { code: 'access_denied', detail: expect.any(String) } },
      { key: keys[3], error: { code: 'invalid_object_key', detail: expect.any(String) } },
      { key: keys[4], deleted: true },
    ]);
    expect(await keysUnder('objects/many/')).toEqual([]);
    expect(await caller.refusal('POST', '/v1/objects/files/delete', { keys: [] })).toBe(
      '400 invalid_request',
    );
  });
}
