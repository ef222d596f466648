import { expect, test } from 'vitest';
import { downloadsAnswer } from '../../../lib/downloads/schema.ts';
import { type Api, encodeKey } from './host.ts';

export function downloadsSuite(api: Api): void {
  const text = '0123456789';

  const sign = async (
    item: Readonly<Record<string, unknown>>,
    command: Readonly<Record<string, unknown>> = {},
  ) => {
    const { items } = await api.ask(downloadsAnswer, 'POST', '/v1/downloads', {
      items: [{ bucket: 'files', ...item }],
      ...command,
    });
    const [signed] = items;
    if (!signed || !('url' in signed)) throw new Error(JSON.stringify(signed));
    return signed;
  };

  test('a batch gives each item its address, or the reason why not', async () => {
    await api.store('downloads/a', text);
    const caller = await api.delegate({
      grants: [{ bucket: 'files', prefix: 'downloads/', actions: ['read'] }],
    });
    const { items } = await caller.ask(downloadsAnswer, 'POST', '/v1/downloads', {
      items: [
        { bucket: 'files', key: 'downloads/a' },
        { bucket: 'files', key: 'elsewhere' },
        { bucket: 'none', key: 'downloads/a' },
      ],
    });
    expect(items).toEqual([
      { bucket: 'files', key: 'downloads/a', url: expect.any(String), expiresAt: expect.any(String) },
      { bucket: 'files', key: 'elsewhere', error: { code: 'access_denied', detail: expect.any(String) } },
      { bucket: 'none', key: 'downloads/a', error: { code: 'access_denied', detail: expect.any(String) } },
    ]);
    const [first] = items;
    if (!first || !('url' in first)) throw new Error('no address');
    expect(await (await fetch(first.url)).text()).toBe(text);
  });

  test('an address counts for as long as it says', async () => {
    const { url, expiresAt } = await sign({ key: 'downloads/a' }, { expiresInSeconds: 120 });
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('120');
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 120_000)).toBeLessThan(5000);
  });

  test('a file keeps the name that it is asked for under, in any script', async () => {
    await api.store('downloads/b', text);
    const { headers } = await fetch(
      (await sign({ key: 'downloads/b', filename: 'naïve "plan" 日本.txt' })).url,
    );
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="[ -~]+"; filename\*=UTF-8''na%C3%AFve/,
    );
    const inline = await fetch((await sign({ key: 'downloads/b', disposition: 'inline' })).url);
    expect(inline.headers.get('content-disposition')).toBe('inline');
  });

  test('content is a redirect to the bytes, and a range comes after it', async () => {
    await api.store('downloads/c', text);
    const response = await api.call('GET', '/v1/content/files/downloads/c');
    expect([response.status, await response.text()]).toEqual([302, '']);
    const location = response.headers.get('location') ?? '';
    expect(await (await fetch(location)).text()).toBe(text);

    const range = await fetch(location, { headers: { range: 'bytes=2-4' } });
    expect([range.status, range.headers.get('content-range'), await range.text()]).toEqual([
      206,
      'bytes 2-4/10',
      '234',
    ]);
    const beyond = await fetch(location, { headers: { range: 'bytes=10-' } });
    expect(beyond.status).toBe(416);
  });

  test('content asked for by HEAD is a redirect that takes HEAD', async () => {
    await api.store('downloads/d', text);
    const response = await api.call('HEAD', '/v1/content/files/downloads/d');
    expect([response.status, await response.text()]).toEqual([302, '']);
    const head = await fetch(response.headers.get('location') ?? '', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
  });

  test('content takes a name and a disposition in its query', async () => {
    await api.store('downloads/e', text);
    const response = await api.call('GET', '/v1/content/files/downloads/e?filename=a%20b%2Bc.txt');
    const { headers } = await fetch(response.headers.get('location') ?? '');
    expect(headers.get('content-disposition')).toBe('attachment; filename="a b+c.txt"');
    expect(await api.refusal('GET', '/v1/content/files/downloads/e?disposition=sideways')).toBe(
      '400 invalid_request',
    );
  });

  test('content that is not there is storage to say', async () => {
    const response = await api.call('GET', `/v1/content/files/${encodeKey('downloads/not there')}`);
    const answer = await fetch(response.headers.get('location') ?? '');
    expect([answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]]).toEqual([404, 'NoSuchKey']);
  });
}
