import { S3 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyLifecycle } from '../../lib/lifecycle/apply.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { abandonedUploads } from '../../lib/maintenance/abandoned-uploads.ts';
import { type Run, runTask } from '../../lib/maintenance/run.ts';
import { S3Error } from '../../lib/storage/errors.ts';
import type { Storage } from '../../lib/storage/storage.ts';
import { openTestService, region, storeCredentials, type TestService } from '../support/service.ts';
import { apiOf, asTenant, sweep, usageOf } from '../usage/tenants.ts';

const day = 86_400_000;
const configuration = {
  buckets: { early: { abandonedUploadDays: 1 }, files: { abandonedUploadDays: 3 } },
  quotas: [{ tenant: '*', bucket: 'files', maxBytes: 100 * 2 ** 20 }],
};
const config = parseConfig(configuration);

let service: TestService;
let s3: S3;
beforeEach(async () => {
  service = await openTestService(configuration);
  s3 = new S3({ endpoint: service.s3Url, region, credentials: storeCredentials, forcePathStyle: true });
});
afterEach(async () => {
  s3.destroy();
  await service.stop();
});

function run(days: number, storage: Storage = service.storage, stepSize?: number): Promise<Run> {
  const { records } = service;
  const now = () => new Date(Date.now() + days * day);
  const task = abandonedUploads({ config, storage, now, atOnce: 4 }, stepSize);
  return runTask(task, { records, now }, { budgetSeconds: 60 });
}

async function unfinished(Bucket: string): Promise<string[]> {
  const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
  return Uploads.map(({ Key = '' }) => Key);
}

test('are aborted when their days are over, and not before; what they had reserved is given back', async () => {
  const acme = await asTenant(apiOf(service), 'acme');
  await acme.begin({ key: 'ä b+c%', sizeBytes: 20 * 2 ** 20, method: 'multipart' });
  await s3.createMultipartUpload({ Bucket: 'files', Key: 'past-the-service' });
  await s3.createMultipartUpload({ Bucket: 'early', Key: 'early' });
  expect(await run(0.9)).toMatchObject({ outcome: 'ended', counts: { aborted: 0 } });
  expect(await run(1.1)).toMatchObject({ outcome: 'ended', counts: { aborted: 1 } });
  expect(await run(2.9)).toMatchObject({ outcome: 'ended', counts: { aborted: 0 } });
  expect(await unfinished('files')).toEqual(['past-the-service', 'ä b+c%']);
  expect(await usageOf(acme)).toMatchObject({ reservedBytes: 20 * 2 ** 20 });

  const late = () => new Date(Date.now() + 3.1 * day);
  expect(await run(3.1)).toMatchObject({ outcome: 'ended', counts: { aborted: 2 }, failures: [] });
  expect(await unfinished('files')).toEqual([]);
  await sweep({ ...service, now: late });
  expect(await usageOf(acme)).toMatchObject({ bytes: 0, reservedBytes: 0 });
});

test('are aborted page by page, several of the same key too', async () => {
  for (let index = 0; index < 20; index += 1) {
    await s3.createMultipartUpload({ Bucket: index < 10 ? 'early' : 'files', Key: `ü ${index % 3}` });
  }
  expect(await run(4, service.storage, 3)).toMatchObject({ outcome: 'ended', counts: { aborted: 20 } });
  expect([...(await unfinished('early')), ...(await unfinished('files'))]).toEqual([]);
});

test('are left to storage where it has a rule for them', async () => {
  await applyLifecycle(config, service.storage, () => undefined);
  await s3.createMultipartUpload({ Bucket: 'early', Key: 'a' });
  expect(await run(30)).toMatchObject({ outcome: 'ended', counts: {} });
  expect(await unfinished('early')).toEqual(['a']);
});

test.each([
  ['knows no lifecycle', 501, 'NotImplemented'],
  ['has one that cannot be read', 200, 'UnexpectedAnswer'],
  ['does not let it be read', 403, 'AccessDenied'],
])('are aborted where storage %s', async (_, status, code) => {
  await s3.createMultipartUpload({ Bucket: 'early', Key: 'a' });
  const storage: Storage = {
    ...service.storage,
    getLifecycle: () => Promise.reject(new S3Error(status, code, 'no')),
  };
  expect(await run(2, storage)).toMatchObject({ outcome: 'ended', counts: { aborted: 1 } });
});

test('of storage that does not answer, all is left as it is, for the next time', async () => {
  const storage: Storage = {
    ...service.storage,
    getLifecycle: () => Promise.reject(new S3Error(503, 'SlowDown', 'not now')),
  };
  await s3.createMultipartUpload({ Bucket: 'early', Key: 'a' });
  expect(await run(2, storage)).toMatchObject({ outcome: 'failed' });
  expect(await run(2)).toMatchObject({ outcome: 'ended', counts: { aborted: 1 } });
});
