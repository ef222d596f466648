import { describe, expect, test } from 'vitest';
import { createClient } from '../../lib/client/client.ts';

/** One exchange with the service, down to what a proxy before it may do. */

interface Seen {
  readonly url: string;
  readonly authorization: string | null;
}

/** A client whose service answers what the list says, one after the other. */
function clientOf(
  answers: readonly (() => Response)[],
  options: Partial<Parameters<typeof createClient>[0]> = {},
) {
  const seen: Seen[] = [];
  const client = createClient({
    baseUrl: 'https://files.example.com/',
    credential: 'key',
    retry: { firstDelayMilliseconds: 1 },
    ...options,
    fetch: async (input, init) => {
      const { url, headers } = new Request(input, init);
      seen.push({ url, authorization: headers.get('authorization') });
      const answer = answers[seen.length - 1];
      if (!answer) throw new TypeError('fetch failed');
      return answer();
    },
  });
  return { client, seen };
}

const ok = (body: object) => () => Response.json(body);
const problem =
  (status: number, body: object, headers = {}) =>
  () =>
    Response.json(body, { status, headers });

describe('a refusal', () => {
  test('carries everything that the problem document says', async () => {
    const errors = [{ path: 'grants[0].bucket', message: 'is no bucket' }];
    const document = { code: 'invalid_request', title: 'No', detail: 'Not so.', errors, requestId: 'r-1' };
    const { client, seen } = clientOf([problem(400, document)]);
    await expect(client.mintToken({ grants: [] })).rejects.toMatchObject({
      name: 'StowageApiError',
      message: 'Not so.',
      status: 400,
      code: 'invalid_request',
      errors,
      requestId: 'r-1',
    });
    expect(seen).toHaveLength(1);
  });

  test.each([200, 502])('by something else than the service (%i) is told as such', async (status) => {
    const page = () => new Response('<html>Sign in to the network</html>', { status });
    const { client } = clientOf(Array.from({ length: 4 }, () => page));
    await expect(client.me()).rejects.toMatchObject({ status, code: `http_${status}` });
  });

  test('inside a batch is thrown where one was asked for', async () => {
    const error = { code: 'access_denied', detail: 'No grant.' };
    const { client } = clientOf([ok({ items: [{ bucket: 'b', key: 'k', error }] })]);
    await expect(client.share({ bucket: 'b', key: 'k' })).rejects.toMatchObject({
      code: 'access_denied',
      status: 0,
    });
  });
});

test('an answer that does not come is asked for again, in the end in vain', async () => {
  const { client, seen } = clientOf([]);
  await expect(client.buckets()).rejects.toMatchObject({ name: 'ConnectionError' });
  expect(seen).toHaveLength(4);
});

test('Retry-After is kept, and told beforehand', async () => {
  const waits: number[] = [];
  const { client } = clientOf(
    [problem(429, { code: 'slow_down' }, { 'retry-after': '1' }), ok({ buckets: [] })],
    {
      retry: { firstDelayMilliseconds: 1, onRetry: (_, delayMilliseconds) => waits.push(delayMilliseconds) },
    },
  );
  const startedAt = performance.now();
  await expect(client.buckets()).resolves.toEqual([]);
  expect(performance.now() - startedAt).toBeGreaterThan(990);
  expect(waits).toEqual([1000]);
});

test('a credential that is a function is asked before every request', async () => {
  let count = 0;
  const { client, seen } = clientOf([ok({ buckets: [] }), ok({ buckets: [] })], {
    credential: async () => `token-${(count += 1)}`,
  });
  await client.buckets();
  await client.buckets();
  expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
});

test('keys and queries are encoded, slashes of a key stay', async () => {
  const { client, seen } = clientOf([ok({}), ok({ objects: [], prefixes: [] })]);
  await client.object('b', 'ä/1+1 ?#%.txt');
  await client.list('b', { prefix: 'a&b=', limit: 5 });
  expect(seen.map(({ url }) => url)).toEqual([
    'https://files.example.com/v1/objects/b/%C3%A4/1%2B1%20%3F%23%25.txt',
    'https://files.example.com/v1/objects/b?prefix=a%26b%3D&limit=5',
  ]);
});

test('pages follow the cursor to the end', async () => {
  const { client, seen } = clientOf([
    ok({ objects: [], prefixes: ['1/'], cursor: 'next' }),
    ok({ objects: [], prefixes: ['2/'] }),
  ]);
  const pages = await Array.fromAsync(client.pages('b', { delimiter: '/' }));
  expect(pages.flatMap(({ prefixes }) => prefixes)).toEqual(['1/', '2/']);
  expect(seen.at(1)?.url).toBe('https://files.example.com/v1/objects/b?delimiter=%2F&cursor=next');
});

test('more keys than one batch takes go in several', async () => {
  const { client, seen } = clientOf([ok({ results: [] }), ok({ results: [] }), ok({ results: [] })]);
  await client.deleteMany(
    'b',
    Array.from({ length: 2001 }, (_, index) => `k${index}`),
  );
  expect(seen).toHaveLength(3);
});
