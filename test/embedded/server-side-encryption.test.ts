import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bytesOf, codeOf } from './acceptance/target.ts';
import { blobFiles, masterKey, startStore } from './server.ts';

// Every test writes to a disk that others may be using.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const Bucket = 'files';
const large = Buffer.alloc(300_000, 'large');
const AES256 = { ServerSideEncryption: 'AES256' } as const;

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-sse-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function withStore(key: typeof masterKey | undefined, use: (s3: S3) => Promise<void>): Promise<void> {
  const { endpoint, region, credentials, stop } = await startStore({ dataDir, masterKey: key });
  const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  try {
    await use(s3);
  } finally {
    s3.destroy();
    await stop();
  }
}

describe('a store that encrypts', () => {
  test('says so of everything that it is given, whether or not it was asked to', async () => {
    await withStore(masterKey, async (s3) => {
      for (const wish of [{}, AES256]) {
        for (const Body of [Buffer.alloc(0), Buffer.from('small'), large]) {
          expect(await s3.putObject({ Bucket, Key: 'k', Body, ...wish })).toMatchObject(AES256);
          expect(await s3.headObject({ Bucket, Key: 'k' })).toMatchObject(AES256);
          const got = await s3.getObject({ Bucket, Key: 'k' });
          expect(got).toMatchObject(AES256);
          expect((await bytesOf(got)).equals(Buffer.from(Body))).toBe(true);
          expect(await s3.copyObject({ Bucket, Key: 'c', CopySource: 'files/k', ...wish })).toMatchObject(
            AES256,
          );
        }
        const upload = { Bucket, Key: 'parts' };
        const created = await s3.createMultipartUpload({ ...upload, ...wish });
        expect(created).toMatchObject(AES256);
        const part = { ...upload, UploadId: created.UploadId, PartNumber: 1 };
        expect(await s3.uploadPartCopy({ ...part, CopySource: 'files/k' })).toMatchObject(AES256);
        const { ETag, ServerSideEncryption } = await s3.uploadPart({ ...part, Body: large });
        expect({ ServerSideEncryption }).toEqual(AES256);
        const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
        const { UploadId } = part;
        expect(await s3.completeMultipartUpload({ ...upload, UploadId, MultipartUpload })).toMatchObject(
          AES256,
        );
      }
      const form = await createPresignedPost(s3, {
        Bucket,
        Key: 'form',
        Fields: { 'x-amz-server-side-encryption': 'AES256' },
      });
      const body = new FormData();
      for (const [name, value] of Object.entries(form.fields)) body.set(name, value);
      body.set('file', new Blob(['text']));
      const answer = await fetch(form.url, { method: 'POST', body });
      expect([answer.status, answer.headers.get('x-amz-server-side-encryption')]).toEqual([204, 'AES256']);
    });
  });

  test('has buckets whose encryption is on, and is not to be changed', async () => {
    const rules = (SSEAlgorithm: 'AES256' | 'aws:kms') => ({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm } }],
      },
    });
    await withStore(masterKey, async (s3) => {
      await s3.putBucketEncryption(rules('AES256'));
      expect(await codeOf(s3.putBucketEncryption(rules('aws:kms')))).toBe('NotImplemented');
      await s3.deleteBucketEncryption({ Bucket });
      expect((await s3.getBucketEncryption({ Bucket })).ServerSideEncryptionConfiguration).toEqual({
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
      });
      expect(await codeOf(s3.getBucketEncryption({ Bucket: 'none' }))).toBe('NoSuchBucket');
    });
  });

  test('tells what is older than its key, and encrypts it when it is copied', async () => {
    const upload = { Bucket, Key: 'parts' };
    const wanted = { Bucket, Key: 'half' };
    const part = Buffer.alloc(5 * 2 ** 20, 'part');
    let half: string | undefined;
    await withStore(undefined, async (s3) => {
      await s3.putObject({ Bucket, Key: 'large', Body: large, Metadata: { a: '1' } });
      await s3.putObject({ Bucket, Key: 'small', Body: 'small' });
      const { UploadId } = await s3.createMultipartUpload({ ...upload, ChecksumAlgorithm: 'SHA256' });
      const Parts = [];
      for (const PartNumber of [1, 2]) {
        const { ETag, ChecksumSHA256 } = await s3.uploadPart({
          ...upload,
          UploadId,
          PartNumber,
          Body: part,
          ChecksumAlgorithm: 'SHA256',
        });
        Parts.push({ PartNumber, ETag, ChecksumSHA256 });
      }
      await s3.completeMultipartUpload({ ...upload, UploadId, MultipartUpload: { Parts } });
      half = (await s3.createMultipartUpload(wanted)).UploadId;
      await s3.uploadPart({ ...wanted, UploadId: half, PartNumber: 1, Body: part });
    });
    await withStore(masterKey, async (s3) => {
      const head = (Key: string) => s3.headObject({ Bucket, Key, ChecksumMode: 'ENABLED' });
      const Parts = [
        { PartNumber: 1, ETag: (await s3.listParts({ ...wanted, UploadId: half })).Parts?.[0]?.ETag },
      ];
      const { ETag } = await s3.uploadPart({ ...wanted, UploadId: half, PartNumber: 2, Body: large });
      Parts.push({ PartNumber: 2, ETag });
      await s3.completeMultipartUpload({ ...wanted, UploadId: half, MultipartUpload: { Parts } });
      for (const Key of ['large', 'small', 'parts', 'half']) {
        const before = await head(Key);
        expect(before.ServerSideEncryption, Key).toBeUndefined();
        const self = { Bucket, Key, CopySource: `files/${Key}` };
        expect(await codeOf(s3.copyObject(self))).toBe('InvalidRequest');
        expect(await s3.copyObject({ ...self, Key: `${Key}-copy` })).toMatchObject(AES256);
        expect(await s3.copyObject({ ...self, ...AES256 })).toMatchObject(AES256);
        const { ETag, Metadata, PartsCount, ChecksumSHA256 } = before;
        for (const copy of [Key, `${Key}-copy`]) {
          expect(await head(copy)).toMatchObject({ ETag, Metadata, ...AES256 });
          expect((await head(copy)).PartsCount).toBe(PartsCount);
          expect((await head(copy)).ChecksumSHA256).toBe(ChecksumSHA256);
        }
      }
      expect((await bytesOf(await s3.getObject({ Bucket, Key: 'large' }))).equals(large)).toBe(true);
      expect(
        (await bytesOf(await s3.getObject({ Bucket, Key: 'half-copy', PartNumber: 2 }))).equals(large),
      ).toBe(true);
      // Only what is encrypted is left: the files of large, parts (2) and half (2), and of their copies.
      await expect.poll(() => blobFiles(dataDir)).toHaveLength(10);
    });
  });
});

test('a store without a master key promises nothing', async () => {
  await withStore(undefined, async (s3) => {
    expect(await codeOf(s3.putObject({ Bucket, Key: 'k', Body: 'k', ...AES256 }))).toBe('NotImplemented');
    expect(await codeOf(s3.createMultipartUpload({ Bucket, Key: 'k', ...AES256 }))).toBe('NotImplemented');
    expect(await codeOf(s3.getBucketEncryption({ Bucket }))).toBe(
      'ServerSideEncryptionConfigurationNotFoundError',
    );
    expect((await s3.putObject({ Bucket, Key: 'k', Body: 'k' })).ServerSideEncryption).toBeUndefined();
    expect((await s3.headObject({ Bucket, Key: 'k' })).ServerSideEncryption).toBeUndefined();
  });
});

test.each([
  ['plain', undefined],
  ['encrypted', masterKey],
])('keys of a KMS or of the caller are refused by a store that is %s', async (_, key) => {
  const SSECustomerKey = Buffer.alloc(32).toString('base64');
  const ofCaller = { SSECustomerAlgorithm: 'AES256', SSECustomerKey };
  await withStore(key, async (s3) => {
    const put = { Bucket, Key: 'k', Body: 'k' };
    await s3.putObject(put);
    expect(await codeOf(s3.putObject({ ...put, ServerSideEncryption: 'aws:kms' }))).toBe('NotImplemented');
    expect(await codeOf(s3.putObject({ ...put, ServerSideEncryption: 'aws:kms:dsse' }))).toBe(
      'NotImplemented',
    );
    expect(await codeOf(s3.putObject({ ...put, SSEKMSKeyId: 'id' }))).toBe('NotImplemented');
    expect(await codeOf(s3.putObject({ ...put, ...ofCaller }))).toBe('NotImplemented');
    expect(await codeOf(s3.getObject({ Bucket, Key: 'k', ...ofCaller }))).toBe('InvalidRequest');
    expect(await codeOf(s3.putObject({ ...put, ServerSideEncryption: 'aws:fsx' }))).toBe(
      'InvalidEncryptionAlgorithmError',
    );
  });
});
