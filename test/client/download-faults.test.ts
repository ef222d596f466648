import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { createClient } from '../../lib/client/client.ts';
import type { ByteRange } from '../../lib/client/download.ts';
import { type FakeBehaviour, type FakeService, startFakeService } from './fake-service.ts';

/** A download over a network and a storage that fail in the ways they do. */

const content = randomBytes(300_000);
const range: ByteRange = { start: 1000, end: 299_000 };
const wanted = content.subarray(range.start, range.end);

const running: FakeService[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.close()));
});

async function open(behaviour: FakeBehaviour, etag?: string) {
  const service = await startFakeService({ content, ...behaviour });
  running.push(service);
  const client = createClient({
    baseUrl: service.url,
    credential: 'key',
    retry: { attempts: 3, firstDelayMilliseconds: 1 },
  });
  return {
    service,
    download: client.download({ bucket: 'files', key: 'k', ...(etag !== undefined && { etag }) }),
  };
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(pieces));
}

test('a broken connection is taken up behind the last byte that came', async () => {
  const { service, download } = await open({ onGet: (_, count) => (count <= 5 ? 'drop' : undefined) });
  expect((await collect(download.read(range))).equals(wanted)).toBe(true);
  const starts = service.gets.map(({ start }) => start);
  expect(starts).toHaveLength(6);
  expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
  expect(new Set(service.gets.map(({ end }) => end))).toEqual(new Set([range.end]));
});

test('a storage that stays away ends it', async () => {
  const { service, download } = await open({ onGet: () => 503 });
  await expect(collect(download.read(range))).rejects.toMatchObject({ name: 'StorageError', status: 503 });
  expect(service.gets).toHaveLength(3);
});

test('a refused URL is signed again; a refusal of the fresh one is final', async () => {
  const once = await open({ onGet: ({ signature }) => (signature === 1 ? 403 : undefined) });
  expect((await collect(once.download.read(range))).equals(wanted)).toBe(true);
  const always = await open({ onGet: () => 403 });
  await expect(collect(always.download.read(range))).rejects.toMatchObject({ status: 403, code: 'Fake403' });
  expect(always.service.gets).toHaveLength(2);
});

test('ranges share a URL until it is about to expire', async () => {
  const lasting = await open({});
  await Promise.all([collect(lasting.download.read(range)), collect(lasting.download.read(range))]);
  expect(lasting.service.calls).toEqual(['POST /v1/downloads']);
  const brief = await open({ lifetimeSeconds: 5 });
  await collect(brief.download.read(range));
  await collect(brief.download.read(range));
  expect(brief.service.calls).toHaveLength(2);
});

test('every range demands the same object', async () => {
  const { service, download } = await open({ onGet: (_, count) => (count === 2 ? 412 : undefined) }, 'abc');
  await collect(download.read({ start: 0, end: 10 }));
  await expect(collect(download.read({ start: 10, end: 20 }))).rejects.toMatchObject({ status: 412 });
  expect(service.gets.map(({ ifMatch }) => ifMatch)).toEqual(['"abc"', '"abc"']);
});

test('stopping ends it at once, with the reason', async () => {
  const { download } = await open({});
  const stop = new AbortController();
  const reading = download.read(range, stop.signal);
  await reading.next();
  stop.abort(new Error('enough'));
  await expect(collect(reading)).rejects.toThrow('enough');
});
