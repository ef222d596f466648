import { S3 } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import type { Storage } from '../../lib/storage/storage.ts';
import { followUsage } from '../../lib/usage/follow.ts';
import { createUsage, type UsageDeps } from '../../lib/usage/usage.ts';
import { balance, counted, recounted } from './recounting.ts';
import { openTestService, region, storeCredentials, type TestService } from '../support/service.ts';

const Bucket = 'files';
let service: TestService;
let s3: S3;

async function open(versioning: boolean): Promise<void> {
  service = await openTestService({
    buckets: { files: { versioning }, other: {} },
    quotas: [{ tenant: '*', bucket: Bucket }],
  });
  s3 = new S3({ endpoint: service.s3Url, region, credentials: storeCredentials, forcePathStyle: true });
}

afterEach(async () => {
  s3.destroy();
  await service.stop();
});

type Step =
  | { readonly do: 'put'; readonly key: string; readonly bytes: number; readonly tenant: string }
  | { readonly do: 'delete' | 'copy' | 'deleteVersion' | 'tell'; readonly key: string };

const key = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    key,
    bytes: fc.nat(50),
    tenant: fc.constantFrom('', 'acme', 'zoo'),
  }),
  fc.record({ do: fc.constantFrom('delete', 'copy', 'deleteVersion', 'tell'), key }),
);

async function carryOut(step: Step): Promise<void> {
  const { key: Key } = step;
  switch (step.do) {
    case 'put': {
      const Metadata = {
        'stowage-upload': `009999999999-${Math.random()}`,
        ...(step.tenant !== '' && { 'stowage-tenant': step.tenant }),
      };
      await s3.putObject({ Bucket, Key, Body: 'x'.repeat(step.bytes), Metadata });
      return;
    }
    case 'copy':
      await s3.copyObject({ Bucket, Key: `copy-of-${Key}`, CopySource: `${Bucket}/${Key}` }).catch(() => {});
      return;
    case 'delete':
      await s3.deleteObject({ Bucket, Key });
      return;
    case 'deleteVersion': {
      const { Versions: [oldest] = [] } = await s3.listObjectVersions({ Bucket, Prefix: Key });
      const VersionId = oldest?.VersionId;
      if (VersionId !== undefined && VersionId !== 'null') await s3.deleteObject({ Bucket, Key, VersionId });
      return;
    }
    case 'tell':
  }
}

describe.each([false, true])('with versions: %s', (versioning) => {
  test('usage is what storage holds, in whatever order events come and however often', async () => {
    await open(versioning);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 15 }),
        fc.infiniteStream(fc.nat()),
        async (steps, random) => {
          let repeats = 0;
          const late: ReturnType<TestService['untoldEvents']>[number][] = [];
          const next = (below: number) => Number(random.next().value) % below;
          const tellSome = async (least: number) => {
            late.push(...service.untoldEvents());
            while (late.length > least) {
              const [event] = late.splice(next(late.length), 1);
              if (!event) return;
              // Twice at once, twice one after the other, or once.
              const times = next(3);
              await Promise.all([
                service.fanOut.tell(event),
                ...(times === 1 ? [service.fanOut.tell(event)] : []),
              ]);
              if (times === 2 && repeats < 20) {
                repeats += 1;
                late.push(event);
              }
            }
          };
          for (const step of steps) {
            await carryOut(step);
            if (step.do === 'tell') await tellSome(2);
          }
          await tellSome(0);
          const truth = await recounted(s3, Bucket);
          expect(await counted(service.records, Bucket)).toEqual(truth);
          const total = Object.values(truth).reduce(
            ([b, o], [bytes, objects]) => [b + bytes, o + objects],
            [0, 0],
          );
          expect(await balance(service.records, Bucket)).toEqual(total);
        },
      ),
      { numRuns: process.env.CI === undefined ? 8 : 60 },
    );
  }, 120_000);
});

test('a bucket without a quota is not counted', async () => {
  await open(false);
  await s3.putObject({ Bucket: 'other', Key: 'a', Body: 'x' });
  await service.tellEvents();
  expect((await service.records.list('usage/other', { limit: 1 })).records).toEqual([]);
});

/** How an object comes to be counted: by its event, and by the end of its upload. */
const ways = {
  'its event': async (deps: UsageDeps) => tellAll(deps),
  'its completion': async (deps: UsageDeps) =>
    createUsage(deps).settle({ tenant: '', bucket: Bucket, key: 'a', marker }),
};
const marker = '009999999999-a';

async function tellAll(deps: UsageDeps): Promise<void> {
  const { onEvent } = followUsage(deps);
  for (const event of service.untoldEvents()) await onEvent(event);
}

test.each(Object.entries(ways))(
  'an object that goes while it is counted by %s is not counted',
  async (_way, count) => {
    await open(false);
    const { records, now, storage } = service;
    const quotas = [{ tenant: '*', bucket: Bucket, maxBytes: 1e9 }];
    const config = parseConfig({ buckets: { files: {} }, quotas });
    await s3.putObject({ Bucket, Key: 'a', Body: 'hello', Metadata: { 'stowage-upload': marker } });
    let isFirst = true;
    const head: Storage['head'] = async (object) => {
      const seen = await storage.head(object);
      if (!isFirst) return seen;
      isFirst = false;
      await s3.deleteObject({ Bucket, Key: 'a' });
      await tellAll({ config, storage, records, now });
      return seen;
    };
    await count({ config, storage: { ...storage, head }, records, now });
    expect(isFirst).toBe(false);
    expect(await recounted(s3, Bucket)).toEqual({});
    expect(await counted(records, Bucket)).toEqual({});
  },
);
