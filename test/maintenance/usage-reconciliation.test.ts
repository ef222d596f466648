import { S3 } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { type Run, runTask } from '../../lib/maintenance/run.ts';
import { usageReconciliation } from '../../lib/maintenance/usage-reconciliation.ts';
import { openTestService, region, storeCredentials, type TestService } from '../support/service.ts';
import { balance, counted, recounted, type Sums } from '../usage/recounting.ts';

const Bucket = 'files';
const day = 86_400_000;
let service: TestService;
let s3: S3;
let configuration: object;

async function open(versioning: boolean): Promise<void> {
  configuration = {
    buckets: { files: { versioning }, free: {}, more: {} },
    quotas: [
      { tenant: '*', bucket: Bucket },
      { tenant: '*', bucket: 'more' },
    ],
  };
  service = await openTestService(configuration);
  s3 = new S3({ endpoint: service.s3Url, region, credentials: storeCredentials, forcePathStyle: true });
}

afterEach(async () => {
  s3.destroy();
  await service.stop();
});

/** Runs that have time for one small step each, to the end of a pass; a day after the one before. */
let passes = 0;
async function reconcile(between: () => Promise<void> = async () => {}): Promise<Run['counts']> {
  passes += 1;
  const { storage, records } = service;
  const time = passes * 2 * day + Date.now();
  const now = () => new Date(time);
  const task = usageReconciliation(
    { config: parseConfig(configuration), storage, records, now, atOnce: 3 },
    3,
  );
  const sums: Record<string, number> = {};
  for (;;) {
    const { outcome, counts, failures } = await runTask(task, { records, now }, { budgetSeconds: 0 });
    expect(failures).toEqual([]);
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
    if (outcome === 'ended') return sums;
    expect(outcome).toBe('paused');
    await between();
  }
}

function total(sums: Sums): number[] {
  return [0, 1].map((index) => Object.values(sums).reduce((sum, amounts) => sum + (amounts[index] ?? 0), 0));
}

const names = ['a', 'b', 'c', 'd/e', 'd/ä', '漢字 %20+'];
const change = fc.record({
  do: fc.constantFrom('put', 'put', 'put', 'delete', 'deleteVersion', 'copy'),
  Key: fc.constantFrom(...names),
  bytes: fc.nat(50),
  tenant: fc.constantFrom('', 'acme', 'zoo'),
  isTold: fc.boolean(),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

async function carryOut({ do: what, Key, bytes, tenant, isTold }: Change): Promise<void> {
  if (what === 'put') {
    const Metadata = {
      'stowage-upload': `009999999999-${Math.random()}`,
      ...(tenant !== '' && { 'stowage-tenant': tenant }),
    };
    await s3.putObject({ Bucket, Key, Body: 'x'.repeat(bytes), Metadata });
  } else if (what === 'delete') {
    await s3.deleteObject({ Bucket, Key });
  } else if (what === 'copy') {
    const CopySource = `${Bucket}/${encodeURIComponent(Key)}`;
    await s3.copyObject({ Bucket, Key: `copy-of-${Key}`, CopySource }).catch(() => {});
  } else {
    const { Versions: [oldest] = [] } = await s3.listObjectVersions({ Bucket, Prefix: Key });
    const VersionId = oldest?.VersionId;
    if (VersionId !== undefined && VersionId !== 'null') await s3.deleteObject({ Bucket, Key, VersionId });
  }
  const events = service.untoldEvents();
  if (isTold) for (const event of events) await service.fanOut.tell(event);
}

describe.each([false, true])('with versions: %s', (versioning) => {
  test('whatever of events is lost, and while things change: in the end usage is what storage holds', async () => {
    await open(versioning);
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 12 }),
        fc.array(change, { maxLength: 6 }),
        async (before, during) => {
          for (const one of before) await carryOut(one);
          const left = during.values();
          await reconcile(async () => {
            const one = left.next().value;
            if (one) await carryOut(one);
          });
          await reconcile();
          const truth = await recounted(s3, Bucket);
          expect(await counted(service.records, Bucket)).toEqual(truth);
          expect(await balance(service.records, Bucket)).toEqual(total(truth));
          expect(await reconcile()).toMatchObject({ corrected: 0, driftBytes: 0, driftObjects: 0 });
        },
      ),
      { numRuns: process.env['CI'] === undefined ? 3 : 20 },
    );
  }, 240_000);
});

test('by how much usage was wrong is told', async () => {
  await open(false);
  const put = (Key: string, bytes: number, tenant: string, bucket = Bucket) =>
    s3.putObject({
      Bucket: bucket,
      Key,
      Body: 'x'.repeat(bytes),
      Metadata: { 'stowage-upload': `009999999999-${Key}${bytes}`, 'stowage-tenant': tenant },
    });
  await put('a', 10, 'acme');
  await put('b', 20, 'acme');
  await put('c', 30, 'acme');
  await service.tellEvents();
  await put('a', 15, 'acme'); // 5 bytes more
  await put('b', 20, 'zoo'); // 20 from one to the other
  await s3.deleteObject({ Bucket, Key: 'c' }); // 30 less
  await put('new', 7, 'acme', 'more');
  await put('unlimited', 9, 'acme', 'free');
  expect(await reconcile()).toEqual({
    // Those there are, then those that are counted; the one of `more` is found and then looked at again.
    compared: 2 + 3 + 1 + 1,
    corrected: 4,
    driftBytes: 5 + 20 + 20 + 30 + 7,
    driftObjects: 1 + 1 + 1 + 1,
  });
  expect(await counted(service.records, 'more')).toEqual({ acme: [7, 1] });
  expect(await counted(service.records, 'free')).toEqual({});
});

test('what stood in a bucket before it had a quota is counted', async () => {
  await open(false);
  for (let index = 0; index < 10; index += 1)
    await s3.putObject({ Bucket, Key: `old-${index}`, Body: 'xyz' });
  service.untoldEvents();
  expect(await reconcile()).toMatchObject({ corrected: 10, driftBytes: 30, driftObjects: 10 });
  expect(await counted(service.records, Bucket)).toEqual({ '': [30, 10] });
});

test('an object at which storage fails is told, and the others are put right', async () => {
  await open(false);
  for (const Key of ['a', 'bad', 'c']) await s3.putObject({ Bucket, Key, Body: 'xyz' });
  service.untoldEvents();
  const now = () => new Date();
  const { records } = service;
  const storage: typeof service.storage = {
    ...service.storage,
    head: (object) =>
      object.key === 'bad' ? Promise.reject(new Error('broken')) : service.storage.head(object),
  };
  const task = usageReconciliation({ config: parseConfig(configuration), storage, records, now, atOnce: 3 });
  const run = await runTask(task, { records, now }, { budgetSeconds: 60 });
  expect(run).toMatchObject({ outcome: 'ended', counts: { corrected: 2 } });
  expect(run.failures).toHaveLength(1);
  expect(await counted(records, Bucket)).toEqual({ '': [6, 2] });
});
