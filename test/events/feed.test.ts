import { S3 } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tokenAnswer } from '../../lib/access/schema.ts';
import { feedEvents, positionAt, readFeed } from '../../lib/events/feed.ts';
import { identified } from '../../lib/events/object-event.ts';
import { eventsAnswer } from '../../lib/events/schema.ts';
import { openTestService, region, storeCredentials, type TestService } from '../support/service.ts';

const Bucket = 'files';
let service: TestService;
let s3: S3;
let ahead = 0;

beforeEach(async () => {
  ahead = 0;
  service = await openTestService({ buckets: { files: {}, media: {} } });
  service.setClock(() => new Date(Date.now() + ahead));
  s3 = new S3({ endpoint: service.s3Url, region, credentials: storeCredentials, forcePathStyle: true });
});
afterEach(async () => {
  s3.destroy();
  await service.stop();
});

async function read(query: string, credential?: string) {
  const response = await service.call('GET', `/v1/events?${query}`, undefined, credential);
  return v.parse(eventsAnswer, await response.json());
}

async function refusal(query: string, credential?: string) {
  const response = await service.call('GET', `/v1/events?${query}`, undefined, credential);
  const { code } = await response.json();
  return `${response.status} ${code}`;
}

async function tokenFor(actions: readonly string[], prefix: string): Promise<string> {
  const grants = [{ bucket: Bucket, prefix, actions }];
  const response = await service.call('POST', '/v1/tokens', { sub: 'a', grants, expiresInSeconds: 60 });
  return v.parse(tokenAnswer, await response.json()).token;
}

const put = (Key: string) => s3.putObject({ Bucket, Key, Body: 'x', ContentType: 'text/plain' });

/** What has happened so far is there to be read. */
async function told(): Promise<void> {
  await service.tellEvents();
  ahead += 2000;
}

describe('the feed', () => {
  test('begins now, and goes on from answer to answer', async () => {
    await put('before');
    await told();
    const { cursor, ...none } = await read('bucket=files');
    expect(none).toEqual({ events: [], isMore: false });
    const announced = { bucket: Bucket, key: 'a', sizeBytes: 5, contentType: 'text/plain', method: 'put' };
    const upload = await (await service.call('POST', '/v1/uploads', announced)).json();
    await fetch(upload.put.url, { method: 'PUT', headers: upload.put.headers, body: 'hello' });
    await s3.deleteObject({ Bucket, Key: 'a' });
    await told();
    const { events, cursor: next } = await read(`bucket=files&after=${cursor}`);
    expect(events).toMatchObject([
      {
        eventId: expect.stringMatching(/^evt_/),
        type: 'object.created',
        data: { bucket: Bucket, key: 'a', sizeBytes: 5, contentType: 'text/plain' },
      },
      { type: 'object.deleted', data: { key: 'a' } },
    ]);
    expect(upload.uploadId.split('.')[0]).toBe(events[0]?.data.uploadId);
    expect((await read(`bucket=files&after=${next}`)).events).toEqual([]);
    const since = await read('bucket=files&sinceSeconds=3600');
    expect(since.events.map(({ data }) => data.key)).toEqual(['before', 'a', 'a']);
    expect((await read('bucket=media&sinceSeconds=3600')).events).toEqual([]);
  });

  test('comes in pages of which none is lost, also where much has happened', async () => {
    const subscriber = feedEvents({ records: service.records, now: service.now });
    const keys = Array.from({ length: 2600 }, (_, index) => `${index % 2 === 0 ? 'a' : 'b'}/${index}`);
    const change = { type: 'object.created', time: new Date(), bucket: Bucket } as const;
    await Promise.all(
      keys.map((key, index) => subscriber.onEvent(identified({ ...change, key, sequencer: `${index}` }))),
    );
    ahead += 2000;
    const found: string[] = [];
    for (let query = 'sinceSeconds=60', isMore = true; isMore;) {
      const page = await read(`bucket=files&prefix=a/&limit=300&${query}`);
      expect(page.events.length).toBeLessThanOrEqual(300);
      found.push(...page.events.map(({ data }) => data.key));
      query = `after=${page.cursor}`;
      isMore = page.isMore;
    }
    expect(found).toHaveLength(1300);
    expect(new Set(found)).toEqual(new Set(keys.filter((key) => key.startsWith('a/'))));
  });

  test('forgets after an hour, and says so to whoever comes back later', async () => {
    const { cursor } = await read('bucket=files');
    await put('a');
    await told();
    ahead += 3590 * 1000;
    expect((await read(`bucket=files&after=${cursor}`)).events).toHaveLength(1);
    ahead += 20 * 1000;
    expect(await refusal(`bucket=files&after=${cursor}`)).toBe('400 invalid_cursor');
    expect((await read('bucket=files&sinceSeconds=3600')).events).toEqual([]);
  });

  test.each([
    ['', '400 invalid_request'],
    ['bucket=none', '404 bucket_not_found'],
    ['bucket=files&after=x', '400 invalid_cursor'],
    ['bucket=files&sinceSeconds=3601', '400 invalid_request'],
    ['bucket=files&limit=0', '400 invalid_request'],
    ['bucket=files&prefix=%00', '400 invalid_request'],
    ['bucket=files&other=1', '400 invalid_request'],
  ])('takes no "%s"', async (query, expected) => {
    expect(await refusal(query)).toBe(expected);
  });
});

describe('nobody learns of keys that a listing would not show', () => {
  test('a prefix is asked for whole, and what is beside it is not told', async () => {
    for (const key of ['a/1', 'ab', 'b/1']) await put(key);
    await told();
    const reader = await tokenFor(['list'], 'a/');
    expect(await refusal('bucket=files', reader)).toBe('403 access_denied');
    expect(await refusal('bucket=files&prefix=a', reader)).toBe('403 access_denied');
    expect(await refusal('bucket=media&prefix=a/', reader)).toBe('403 access_denied');
    const { events } = await read('bucket=files&prefix=a/&sinceSeconds=60', reader);
    expect(events.map(({ data }) => data.key)).toEqual(['a/1']);
    expect(await refusal('bucket=files&prefix=a/', await tokenFor(['read', 'write'], ''))).toBe(
      '403 access_denied',
    );
  });

  test('the service’s own keys are told to admins alone', async () => {
    await put('.stowage/quarantine/x/a');
    await put('a');
    await told();
    const keysFor = async (credential?: string, prefix = '') => {
      const { events } = await read(`bucket=files&sinceSeconds=60&prefix=${prefix}`, credential);
      return events.map(({ data }) => data.key);
    };
    expect(await keysFor(await tokenFor(['list'], ''))).toEqual(['a']);
    expect(await keysFor(await tokenFor(['list', 'admin'], ''))).toEqual(['.stowage/quarantine/x/a', 'a']);
    expect(await refusal('bucket=files&prefix=.stowage/', await tokenFor(['list'], ''))).toBe(
      '403 access_denied',
    );
  });
});

test('whoever reads on misses nothing, however late it is written', async () => {
  /** How long each write takes, and after how much of it somebody reads. */
  const steps = fc.array(
    fc.record({ writeMilliseconds: fc.nat(2500), readAfter: fc.double({ min: 0, max: 1, noNaN: true }) }),
    { minLength: 1, maxLength: 12 },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (writes) => {
      const bucket = `b${(run += 1)}`;
      let time = 1_000_000_000_000 + run * 1_000_000;
      const now = () => new Date(time);
      service.setClock(now);
      const seen = new Set<string>();
      let after = positionAt(now(), 0);
      const readOn = async () => {
        const query = { bucket, isWanted: () => true, after, limit: 2 };
        const page = await readFeed(service.records, query, now());
        for (const { data } of page.events) seen.add(data.key);
        after = page.position;
        return page.isMore;
      };
      for (const [index, { writeMilliseconds, readAfter }] of writes.entries()) {
        let isSlow = true;
        const records = {
          ...service.records,
          put: async (...args: Parameters<typeof service.records.put>) => {
            const taken = isSlow ? writeMilliseconds : 1;
            isSlow = false;
            time += Math.floor(taken * readAfter);
            await readOn();
            time += Math.ceil(taken * (1 - readAfter));
            await readOn();
            return service.records.put(...args);
          },
        };
        const change = { type: 'object.created', time: now(), bucket, key: `${index}` } as const;
        await feedEvents({ records, now }).onEvent(identified(change));
      }
      time += 2000;
      while (await readOn());
      expect(seen.size).toBe(writes.length);
    }),
    { numRuns: 60 },
  );
});
