import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as v from 'valibot';
import { newKeyAnswer } from '../../lib/keys/schema.ts';
import { usageAnswer } from '../../lib/usage/schema.ts';
import { codeOf } from '../embedded/acceptance/target.ts';
import { region, rootKey } from '../support/service.ts';
import { type StandaloneProcess, startStandaloneProcess } from '../support/standalone.ts';

/** A tenant's quota holds for what its S3 keys write, too, before it is acknowledged. */

const partBytes = 5 * 2 ** 20;
const quotas = { small: 100, large: 2 * partBytes };

let folder: string;
let service: StandaloneProcess;
let s3: S3;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-s3-quotas-'));
  const configPath = join(folder, 'stowage.json');
  const configuration = {
    buckets: { small: {}, large: {} },
    quotas: Object.entries(quotas).map(([bucket, maxBytes]) => ({ tenant: '*', bucket, maxBytes })),
  };
  await writeFile(configPath, JSON.stringify(configuration));
  service = await startStandaloneProcess({ dataDir: folder, environment: { STOWAGE_CONFIG: configPath } });
  const grants = [{ bucket: '*', actions: ['read', 'write', 'delete', 'list'] }];
  const made = await call('POST', '/v1/keys', { name: 'of the tests', tenant: 'acme', grants });
  const credentials = v.parse(newKeyAnswer, await made.json()).s3;
  if (!credentials) throw new Error('The key has no S3 credentials.');
  s3 = new S3({ endpoint: service.s3Url, region, credentials, forcePathStyle: true, maxAttempts: 1 });
});
afterAll(async () => {
  s3.destroy();
  await service.end('SIGKILL');
  await rm(folder, { recursive: true });
});

const call = (method: string, path: string, body?: unknown) =>
  fetch(service.apiUrl + path, {
    method,
    headers: { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

async function usageOf(bucket: string) {
  const { usage } = v.parse(usageAnswer, await (await call('GET', '/v1/usage')).json());
  return usage
    .filter((one) => one.bucket === bucket && one.bytes + one.reservedBytes > 0)
    .map(({ tenant, bytes, reservedBytes }) => ({ tenant, bytes, reservedBytes }));
}
const put = (Key: string, sizeBytes: number, Metadata: Record<string, string> = {}) =>
  s3.putObject({ Bucket: 'small', Key, Body: Buffer.alloc(sizeBytes), Metadata });

test('of those who write at once as many have room as there is', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      put(`at-once/${index}`, 10).then(
        () => 'written',
        (error: Error) => error.name,
      ),
    ),
  );
  expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(10);
  expect(new Set(outcomes)).toEqual(new Set(['written', 'QuotaExceeded']));
  expect(await usageOf('small')).toEqual([{ tenant: 'acme', bytes: 100, reservedBytes: 0 }]);

  for (let index = 0; index < 16; index += 1) {
    await s3.deleteObject({ Bucket: 'small', Key: `at-once/${index}` });
  }
  // Storage tells of it.
  await vi.waitFor(async () => expect(await usageOf('small')).toEqual([]), 20_000);
});

test('no other tenant is made to pay', async () => {
  await put('forged', 60, { 'stowage-tenant': 'other', 'stowage-upload': '009999999999-00', own: 'kept' });
  expect(await usageOf('small')).toEqual([{ tenant: 'acme', bytes: 60, reservedBytes: 0 }]);
  const { Metadata = {} } = await s3.headObject({ Bucket: 'small', Key: 'forged' });
  expect(Metadata).toMatchObject({ own: 'kept', 'stowage-tenant': 'acme' });
  expect(Metadata['stowage-upload']).not.toBe('009999999999-00');
});

test('copies and forms need room as well', async () => {
  const copy = { Bucket: 'small', CopySource: 'small/forged' };
  expect(await codeOf(s3.copyObject({ ...copy, Key: 'copy' }))).toBe('QuotaExceeded');
  const post = async (sizeBytes: number) => {
    const { url, fields } = await createPresignedPost(s3, { Bucket: 'small', Key: 'form' });
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set('file', new Blob([Buffer.alloc(sizeBytes)]));
    return (await fetch(url, { method: 'POST', body })).status;
  };
  expect(await post(41)).toBe(403);
  expect(await usageOf('small')).toEqual([{ tenant: 'acme', bytes: 60, reservedBytes: 0 }]);
});

test('what comes in parts needs room when it is put together, and once', async () => {
  const begin = async (Key: string, parts: number) => {
    const upload = { Bucket: 'large', Key };
    const { UploadId } = await s3.createMultipartUpload(upload);
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (let PartNumber = 1; PartNumber <= parts; PartNumber += 1) {
      const Body = Buffer.alloc(partBytes);
      const { ETag } = await s3.uploadPart({ ...upload, UploadId, PartNumber, Body });
      Parts.push({ PartNumber, ETag });
    }
    return () => s3.completeMultipartUpload({ ...upload, UploadId, MultipartUpload: { Parts } });
  };
  const [fits, doesNot] = [await begin('fits', 2), await begin('does-not', 1)];
  await fits();
  await fits();
  const used = [{ tenant: 'acme', bytes: 2 * partBytes, reservedBytes: 0 }];
  expect(await usageOf('large')).toEqual(used);
  expect(await codeOf(doesNot())).toBe('QuotaExceeded');
  await s3.deleteObject({ Bucket: 'large', Key: 'fits' });
  await vi.waitFor(async () => expect(await usageOf('large')).toEqual([]), 20_000);
  await doesNot();
});
