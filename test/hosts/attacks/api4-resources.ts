import { expect, test } from 'vitest';
import { type Api, problemOf, wrongCredentialsPerMinute } from '../suite/host.ts';

/** Can a small request cost much? Answers are held to a size, and tests to the time that every test has. */
export function resourceAttacks(api: Api): void {
  const smallAnswerBytes = 64 * 1024;
  const headers = () => ({
    authorization: `Bearer ${api.credential}`,
    'content-type': 'application/json',
  });
  const nested = (open: string, inner: string, close: string, depth: number) =>
    open.repeat(depth) + inner + close.repeat(depth);
  const manyKeys = (prefix: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, '']));

  test.each<[name: string, target: string, body: string, refusal: string]>([
    ['a body of more than 2 MiB', '/v1/downloads', `"${'x'.repeat(2 ** 21)}"`, '413 body_too_large'],
    ['200,000 faults', '/v1/objects/files/delete', `{"keys":[${'0,'.repeat(2e5)}0]}`, '400 invalid_request'],
    [
      '20,000 faulty names',
      '/v1/uploads',
      JSON.stringify({ bucket: 'files', key: 'a', sizeBytes: 1, metadata: manyKeys('a b', 2e4) }),
      '400 invalid_request',
    ],
    ['20,000 unknown fields', '/v1/tokens', JSON.stringify(manyKeys('field', 2e4)), '400 invalid_request'],
    ['arrays in 200,000 arrays', '/v1/uploads', nested('[', '', ']', 2e5), '400 invalid_request'],
    ['objects in 100,000 objects', '/v1/tokens', nested('{"a":', '1', '}', 1e5), '400 invalid_request'],
    ['a million arrays never closed', '/v1/uploads', '['.repeat(1e6), '400 invalid_json'],
    [
      'a number of a million digits',
      '/v1/uploads',
      `{"sizeBytes":${'9'.repeat(1e6)}}`,
      '400 invalid_request',
    ],
    ['a string of escapes alone', '/v1/uploads', `{"key":"${'\\u0061'.repeat(3e5)}"}`, '400 invalid_request'],
  ])('%s', async (_, target, body, refusal) => {
    const response = await api.raw('POST', target, headers(), body);
    const text = await response.clone().text();
    const { status, code } = await problemOf(response);
    expect(`${status} ${code}`).toBe(refusal);
    expect(text.length).toBeLessThan(smallAnswerBytes);
  });

  const upload = { bucket: 'files', key: 'a', sizeBytes: 1 };
  const grant = { bucket: 'files', actions: ['read'] };
  const times = <T>(count: number, item: T) => Array.from({ length: count }, () => item);

  test.each<[name: string, target: string, body: unknown]>([
    ['1,001 downloads at once', '/v1/downloads', { items: times(1001, { bucket: 'files', key: 'a' }) }],
    ['1,001 deletions at once', '/v1/objects/files/delete', { keys: times(1001, 'a') }],
    ['a token of 51 grants', '/v1/tokens', { grants: times(51, grant) }],
    ['a key of 51 grants', '/v1/keys', { name: 'a', grants: times(51, grant) }],
    ['a token for a year', '/v1/tokens', { grants: [grant], expiresInSeconds: 31_536_000 }],
    [
      'a URL for a year',
      '/v1/downloads',
      { items: [{ bucket: 'files', key: 'a' }], expiresInSeconds: 31_536_000 },
    ],
    ['an upload URL for a year', '/v1/uploads', { ...upload, expiresInSeconds: 31_536_000 }],
    ['an object of more than S3 holds', '/v1/uploads', { ...upload, sizeBytes: 2 ** 53 - 1 }],
    ['a key of 1,025 bytes', '/v1/uploads', { ...upload, key: 'ä'.repeat(512) + 'x' }],
    ['eleven tags', '/v1/uploads', { ...upload, tags: manyKeys('tag', 11) }],
    ['metadata of more than S3 takes', '/v1/uploads', { ...upload, metadata: { a: 'x'.repeat(1801) } }],
    [
      'a file name of 256 characters',
      '/v1/downloads',
      {
        items: [{ bucket: 'files', key: 'a', filename: 'x'.repeat(256) }],
      },
    ],
  ])('%s', async (_, target, body) => {
    const { status } = await problemOf(await api.call('POST', target, body));
    expect(status).toBe(400);
  });

  test.each<[name: string, partNumbers: unknown]>([
    ['1,001 parts at once', times(1001, 1)],
    ['one part a thousand times', times(1000, 1)],
    ['part 0', [0]],
    ['part -1', [-1]],
    ['a part behind the last one', [3]],
    ['part 10,001', [10_001]],
    ['half a part', [0.5]],
    ['no part', []],
  ])('signing %s', async (_, partNumbers) => {
    const { uploadId } = await api.begin({ key: 'parts', sizeBytes: 20 * 2 ** 20, method: 'multipart' });
    const path = `/v1/uploads/${uploadId}`;
    expect(await api.refusal('POST', `${path}/parts`, { partNumbers })).toBe('400 invalid_request');
    expect((await api.call('DELETE', path)).status).toBe(204);
  });

  test('completing 10,001 parts', async () => {
    const { uploadId } = await api.begin({ key: 'parts', sizeBytes: 20 * 2 ** 20, method: 'multipart' });
    const path = `/v1/uploads/${uploadId}`;
    const parts = times(10_001, { partNumber: 1, etag: 'a' });
    expect(await api.refusal('POST', `${path}/complete`, { parts })).toBe('400 invalid_request');
    expect((await api.call('DELETE', path)).status).toBe(204);
  });

  test.each<[name: string, query: string]>([
    ['1,001', 'limit=1001'],
    ['no', 'limit=0'],
    ['-1', 'limit=-1'],
    ['1e9', 'limit=1e9'],
    ['hexadecimal', 'limit=0x10'],
    ['one and a thousand', 'limit=1,1000'],
  ])('a page of %s objects', async (_, query) => {
    expect(await api.refusal('GET', `/v1/objects/files?${query}`)).toBe('400 invalid_request');
  });

  test.each<[name: string, body: unknown]>([
    ['a media type of many parameters', { contentType: `a/b${'; a=b'.repeat(2e4)}!` }],
    ['a media type of many spaces', { contentType: `a/b${' '.repeat(1e5)}!` }],
    ['a media type that quotes for ever', { contentType: `a/b;c="${' '.repeat(1e5)}` }],
    ['a checksum that is hardly base64', { checksum: { algorithm: 'sha256', value: `${'A'.repeat(1e5)}!` } }],
    ['a key of many dots', { key: `${'.../'.repeat(2e4)}..` }],
    ['a tag of many letters', { tags: { a: `${'a '.repeat(5e4)}!` } }],
  ])('a regular expression that backtracks, by %s', async (_, change) => {
    expect(await api.refusal('POST', '/v1/uploads', { ...upload, ...(change as object) })).toBe(
      '400 invalid_request',
    );
  });

  test('a regular expression that backtracks, by a credential of many dots', async () => {
    const authorization = `Bearer ${'.='.repeat(4000)}`;
    expect((await api.raw('GET', '/v1/me', { authorization })).status).toBe(401);
  });

  test('a chain of delegation without an end', async () => {
    const grants = [{ ...grant, prefix: 'a/' }];
    let holder = await api.delegate({ grants });
    for (let length = 0; length < 20; length += 1) holder = await holder.delegate({ grants });
    expect(holder.credential.length).toBeLessThan(2000);
    expect((await holder.call('GET', '/v1/me')).status).toBe(200);
  });

  test.each([
    ['the same address', () => '203.0.113.1', () => undefined],
    [
      'an address made up anew each time (X-Forwarded-For)',
      () => '203.0.113.2',
      (index: number) => `198.51.100.${index}`,
    ],
    [
      'a list of addresses (X-Forwarded-For)',
      () => '203.0.113.3',
      (index: number) => `198.51.100.${index}, 10.0.0.${index}, unknown, ,`,
    ],
    ['the addresses of one IPv6 network', (index: number) => `2001:db8:ffff:1::${index}`, () => undefined],
    [
      'IPv4 written as IPv6',
      (index: number) => (index % 2 ? '::ffff:203.0.113.4' : '203.0.113.4'),
      () => undefined,
    ],
  ])('guessing credentials from %s', async (_, from, forged) => {
    const guess = async (index: number, credential: string) => {
      const forwarded = forged(index);
      const sent = {
        authorization: `Bearer ${credential}`,
        ...(forwarded && { 'x-forwarded-for': forwarded }),
      };
      return (await api.raw('GET', '/v1/me', sent, undefined, from(index))).status;
    };
    for (let index = 0; index < wrongCredentialsPerMinute; index += 1) {
      expect(await guess(index, `stow_guess-${index}`)).toBe(401);
    }
    expect(await guess(wrongCredentialsPerMinute, api.credential)).toBe(api.countsRequests ? 429 : 200);
  });
}
