import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, type StowageClient } from '../../lib/client/client.ts';
import { usageDaysAnswer } from '../../lib/usage/schema.ts';
import { type Api, problemOf } from '../hosts/suite/host.ts';
import { openTestService, rootKey, type TestService } from '../support/service.ts';
import { apiOf, asTenant, complete, remove, send } from './tenants.ts';

/** What came and went on each day: `GET /v1/usage/days`. */

let service: TestService;
let root: Api;

beforeAll(async () => {
  service = await openTestService({
    buckets: { files: {}, free: {} },
    quotas: [{ tenant: '*', bucket: 'files', maxBytes: 10_000 }],
  });
  root = apiOf(service);
});
afterAll(() => service.stop());

/** Puts on record what came and went, on a day that has long been over, as the counters do. */
async function had(tenant: string, on: string, deltas: Readonly<Record<string, number>>): Promise<void> {
  await service.records.add({ partition: 'usage-days/files', sort: `${on}/${tenant}`, deltas });
}

const daysOf = (api: Api, query: string) => api.ask(usageDaysAnswer, 'GET', `/v1/usage/days?${query}`);
const dayOf = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 10);

test('what was uploaded, overwritten and deleted stands under its day and tenant', async () => {
  const [acme, zoo] = [await asTenant(root, 'acme'), await asTenant(root, 'zoo')];
  for (const [api, key, bytes] of [
    [acme, 'a', 60],
    [acme, 'a', 10],
    [zoo, 'b', 7],
  ] as const) {
    const upload = await api.begin({ key, sizeBytes: bytes, method: 'put' });
    await send(upload, 'x'.repeat(bytes));
    await complete(api, upload);
  }
  await remove(zoo, 'b');
  const today = { day: dayOf(Date.now()), bucket: 'files' };
  const ofAcme = {
    ...today,
    tenant: 'acme',
    addedBytes: 70,
    addedObjects: 2,
    removedBytes: 60,
    removedObjects: 1,
  };
  const ofZoo = {
    ...today,
    tenant: 'zoo',
    addedBytes: 7,
    addedObjects: 1,
    removedBytes: 7,
    removedObjects: 1,
  };
  expect(await daysOf(acme, 'bucket=files')).toEqual({ days: [ofAcme] });
  expect(await daysOf(zoo, 'bucket=files')).toEqual({ days: [ofZoo] });
  expect(await daysOf(root, 'bucket=files')).toEqual({ days: [ofAcme, ofZoo] });
});

describe('a stretch of days', () => {
  beforeAll(async () => {
    for (const on of ['2025-12-31', '2026-01-01', '2026-01-31', '2026-02-01']) {
      await had('acme', on, { addedBytes: 1, addedObjects: 1 });
      await had('other', on, { addedBytes: 2, addedObjects: 1 });
    }
  });

  test.each([
    ['from=2026-01-01&to=2026-01-31', ['2026-01-01', '2026-01-31']],
    ['from=2026-01-02&to=2026-01-30', []],
    ['from=2026-01-31&to=2026-01-31', ['2026-01-31']],
    ['to=2026-01-30', ['2026-01-01']],
    ['from=2025-02-01&to=2026-02-01', ['2025-12-31', '2026-01-01', '2026-01-31', '2026-02-01']],
  ])('%s has its first day and its last', async (query, expected) => {
    const acme = await asTenant(root, 'acme');
    const ofAcme = await daysOf(acme, `bucket=files&${query}`);
    expect(ofAcme.days.map((row) => row.day)).toEqual(expected);
    const ofAll = await daysOf(root, `bucket=files&${query}`);
    expect(ofAll.days.map((row) => `${row.day} ${row.tenant}`)).toEqual(
      expected.flatMap((on) => [`${on} acme`, `${on} other`]),
    );
  });

  test('of thousands of tenants comes in pages, which the client puts together', async () => {
    await Promise.all(
      Array.from({ length: 2100 }, (_, index) =>
        had(`t/${String(index).padStart(4, '0')}`, '2024-05-05', { removedBytes: index, removedObjects: 0 }),
      ),
    );
    await had('later', '2024-05-06', { addedBytes: 1 });
    const client = clientAs(rootKey);
    const rows = await Array.fromAsync(client.usageDays('files', { from: '2024-05-01', to: '2024-05-05' }));
    expect(rows.map(({ removedBytes }) => removedBytes)).toEqual(Array.from({ length: 2100 }, (_, i) => i));
    expect(rows[7]).toMatchObject({ tenant: 't/0007', day: '2024-05-05' });
  });
});

function clientAs(credential: string): StowageClient {
  return createClient({
    baseUrl: 'http://stowage.test',
    credential,
    fetch: async (input, init) => service.app.request(new Request(input, init)),
  });
}

test('a caller learns nothing of others, nor of a bucket that it does not reach or that has no quota', async () => {
  const acme = await asTenant(root, 'acme');
  const nobody = await asTenant(root);
  const elsewhere = await root.delegate({
    tenant: 'acme',
    grants: [{ bucket: 'free', actions: ['read', 'write'] }],
  });
  const year = 'from=2025-12-01&to=2026-11-30';
  expect(new Set((await daysOf(acme, `bucket=files&${year}`)).days.map(({ tenant }) => tenant))).toEqual(
    new Set(['acme']),
  );
  expect(await daysOf(nobody, `bucket=files&${year}`)).toEqual({ days: [] });
  expect(await daysOf(elsewhere, `bucket=files&${year}`)).toEqual({ days: [] });
  expect(await daysOf(root, `bucket=free&${year}`)).toEqual({ days: [] });
  expect(await daysOf(root, `bucket=unknown&${year}`)).toEqual({ days: [] });
});

test.each([
  ['', ['bucket']],
  ['bucket=files&from=yesterday&to=2026-02-30', ['from', 'to']],
  ['bucket=files&from=2026-01-02&to=2026-01-01', ['from']],
  ['bucket=files&from=2025-01-01&to=2026-01-02', ['from']],
  ['bucket=files&since=2025-01-01', ['since']],
])('?%s is refused with its faults', async (query, paths) => {
  const answer = await root.call('GET', `/v1/usage/days?${query}`);
  expect(answer.status).toBe(400);
  expect(await problemOf(answer)).toMatchObject({
    code: 'invalid_request',
    errors: paths.map((path) => expect.objectContaining({ path })),
  });
});

test.each(['AAAA', Buffer.from('2026-01-01/\xff'.repeat(200)).toString('base64url'), 'MjAyNi0wMS0wMS__'])(
  'the cursor %s is none of this service',
  async (cursor) => {
    const answer = await root.call('GET', `/v1/usage/days?bucket=files&cursor=${cursor}`);
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'invalid_cursor' });
  },
);
