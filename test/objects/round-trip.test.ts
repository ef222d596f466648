import fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { objectKey } from '../../lib/access/object-key.ts';
import { deleteAnswer, listAnswer, objectAnswer } from '../../lib/objects/schema.ts';
import { uploadAnswer } from '../../lib/uploads/schema.ts';
import { downloadsAnswer } from '../../lib/downloads/schema.ts';
import { openTestService, type TestService } from '../support/service.ts';

const count = process.env.CI ? 20_000 : 1500;
const concurrency = 48;

/** Keys as people and attackers make them: any script, spaces, percent signs, slashes, dots, every ASCII sign. */
const segment = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(...' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'.split('')), maxLength: 30 }),
  fc.constantFrom(
    '',
    '%2F',
    '%',
    '\u2028',
    '\u2029',
    '+',
    'a b',
    '...',
    'ünï',
    '日本語',
    '🗂️',
    'CON',
    '-',
    '~',
  ),
);
const key = fc
  .array(segment, { minLength: 1, maxLength: 5 })
  .map((segments) => segments.join('/'))
  .filter((text) => v.is(objectKey, text));
const metadata = fc.dictionary(
  fc.stringMatching(/^[a-z][a-z\d-]{0,20}$/),
  fc
    .string({ unit: 'grapheme', maxLength: 60 })
    .filter((text) => !/\p{Cc}/u.test(text) && text.isWellFormed()),
  { maxKeys: 3 },
);

let service: TestService;
beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.stop());

test(`${count} random keys and metadata values come back as they went`, { timeout: 600_000 }, async () => {
  const samples = fc.sample(fc.record({ key, metadata }), { numRuns: count, seed: 20_261_123 });
  const objects = new Map(
    samples.map((sample, index) => [sample.key, { ...sample, text: `${index}:${sample.key}` }]),
  );

  await eachOf(objects.values(), async ({ key, metadata, text }) => {
    const sizeBytes = Buffer.byteLength(text);
    const upload = await ask(uploadAnswer, 'POST', '/v1/uploads', {
      bucket: 'files',
      key,
      sizeBytes,
      metadata,
      method: 'put',
    });
    if (upload.method !== 'put') throw new Error(upload.method);
    const response = await fetch(upload.put.url, { method: 'PUT', headers: upload.put.headers, body: text });
    expect(
      response.status,
      `${await response.text()} ${JSON.stringify(key)} ${JSON.stringify(metadata)}`,
    ).toBe(200);
  });

  const listed: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page: v.InferOutput<typeof listAnswer> = await ask(
      listAnswer,
      'GET',
      `/v1/objects/files?${cursor && `cursor=${cursor}`}`,
    );
    listed.push(...page.objects.map((object) => object.key));
    cursor = page.cursor;
  }
  const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  expect(listed).toEqual([...objects.keys()].toSorted(byBytes));

  await eachOf(objects.values(), async ({ key, metadata }) => {
    const head = await ask(objectAnswer, 'GET', `/v1/objects/files/${encodeURIComponent(key)}`);
    expect({ key: head.key, metadata: head.metadata }).toEqual({ key, metadata });
  });

  const keys = [...objects.keys()];
  for (let start = 0; start < keys.length; start += 1000) {
    const batch = keys.slice(start, start + 1000).map((key) => ({ bucket: 'files', key }));
    const { items } = await ask(downloadsAnswer, 'POST', '/v1/downloads', { items: batch });
    await eachOf(items, async (item) => {
      if (!('url' in item)) throw new Error(`${item.key}: ${item.error.code}`);
      expect(await (await fetch(item.url)).text()).toBe(objects.get(item.key)?.text);
    });
    const { results } = await ask(deleteAnswer, 'POST', '/v1/objects/files/delete', {
      keys: batch.map((item) => item.key),
    });
    expect(results.filter((result) => 'error' in result)).toEqual([]);
  }
  expect((await ask(listAnswer, 'GET', '/v1/objects/files')).objects).toEqual([]);
});

async function ask<T>(
  schema: v.GenericSchema<unknown, T>,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await service.call(method, path, body);
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return v.parse(schema, answer);
}

async function eachOf<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
