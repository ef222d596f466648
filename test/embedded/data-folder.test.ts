import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { S3 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bytesOf } from './acceptance/target.ts';
import { blobFiles, startStore } from './server.ts';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-folder-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function withStore<T>(use: (s3: S3) => Promise<T>): Promise<T> {
  const { endpoint, region, credentials, stop } = await startStore({ dataDir });
  const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
  try {
    return await use(s3);
  } finally {
    s3.destroy();
    await stop();
  }
}

test('objects, descriptions and unfinished uploads outlast a restart', async () => {
  const body = Buffer.alloc(100_000, 'large');
  const upload = await withStore(async (s3) => {
    await s3.putObject({ Bucket: 'files', Key: 'small', Body: 'small', Metadata: { a: '1' } });
    await s3.putObject({ Bucket: 'files', Key: 'large', Body: body });
    const { UploadId } = await s3.createMultipartUpload({ Bucket: 'files', Key: 'parts' });
    const part = { Bucket: 'files', Key: 'parts', UploadId };
    const { ETag } = await s3.uploadPart({ ...part, PartNumber: 1, Body: body });
    return { ...part, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
  });
  await withStore(async (s3) => {
    expect((await s3.headObject({ Bucket: 'files', Key: 'small' })).Metadata).toEqual({ a: '1' });
    expect(Buffer.compare(await bytesOf(await s3.getObject({ Bucket: 'files', Key: 'large' })), body)).toBe(
      0,
    );
    await s3.completeMultipartUpload(upload);
    expect(Buffer.compare(await bytesOf(await s3.getObject({ Bucket: 'files', Key: 'parts' })), body)).toBe(
      0,
    );
  });
});

test('no file is left behind by what is replaced, deleted, aborted or dropped', async () => {
  await withStore(async (s3) => {
    const Body = Buffer.alloc(50_000);
    const object = { Bucket: 'files', Key: 'k' };
    await s3.putObject({ ...object, Body });
    await s3.putObject({ ...object, Body });
    await s3.copyObject({ ...object, Key: 'copy', CopySource: 'files/k' });
    await expect.poll(() => blobFiles(dataDir)).toHaveLength(1);
    await s3.deleteObject(object);
    await expect.poll(() => blobFiles(dataDir)).toHaveLength(1);
    await s3.deleteObject({ ...object, Key: 'copy' });
    await expect.poll(() => blobFiles(dataDir)).toEqual([]);

    const { UploadId } = await s3.createMultipartUpload(object);
    await s3.uploadPart({ ...object, UploadId, PartNumber: 1, Body });
    const { ETag } = await s3.uploadPart({ ...object, UploadId, PartNumber: 1, Body });
    await s3.uploadPart({ ...object, UploadId, PartNumber: 2, Body });
    await expect.poll(() => blobFiles(dataDir)).toHaveLength(2);
    const Parts = [{ PartNumber: 1, ETag }];
    await s3.completeMultipartUpload({ ...object, UploadId, MultipartUpload: { Parts } });
    await expect.poll(() => blobFiles(dataDir)).toHaveLength(1);
    const aborted = await s3.createMultipartUpload(object);
    await s3.uploadPart({ ...object, UploadId: aborted.UploadId, PartNumber: 1, Body });
    await s3.abortMultipartUpload({ ...object, UploadId: aborted.UploadId });
    await expect.poll(() => blobFiles(dataDir)).toHaveLength(1);
  });
});

test('files that nothing refers to are removed at the start, the others are not', async () => {
  const Body = Buffer.alloc(50_000, 'x');
  await withStore((s3) => s3.putObject({ Bucket: 'files', Key: 'k', Body }));
  const [referred = ''] = await blobFiles(dataDir);
  await writeFile(join(dataDir, 'blobs', '0a', '1-1-000000000000000a'), 'orphan');
  await withStore(async (s3) => {
    expect(await blobFiles(dataDir)).toEqual([referred]);
    expect((await bytesOf(await s3.getObject({ Bucket: 'files', Key: 'k' }))).equals(Body)).toBe(true);
  });
});

test('versioning is enabled by the configuration, and not lost when that is silent', async () => {
  const status = async (options: { versioning?: boolean }) => {
    const { endpoint, region, credentials, stop } = await startStore({ dataDir, ...options });
    const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
    const { Status } = await s3.getBucketVersioning({ Bucket: 'files' });
    s3.destroy();
    await stop();
    return Status;
  };
  expect(await status({})).toBeUndefined();
  expect(await status({ versioning: true })).toBe('Enabled');
  expect(await status({})).toBe('Enabled');
});

test('a key is never part of a path', async () => {
  await withStore((s3) =>
    s3.putObject({ Bucket: 'files', Key: '../../escaped', Body: Buffer.alloc(50_000) }),
  );
  const entries = await readdir(dataDir, { recursive: true });
  expect(entries.filter((entry) => entry.includes('escaped'))).toEqual([]);
});

test('a folder in use is refused', async () => {
  await withStore(async () => {
    await expect(startStore({ dataDir })).rejects.toThrow('in use by another process');
  });
  await withStore(async (s3) => void (await s3.listBuckets()));
});

test('a newer format is refused, and an unreadable one', async () => {
  await writeFile(join(dataDir, 'format'), '4\n');
  await expect(startStore({ dataDir })).rejects.toThrow('Use a newer release');
  await writeFile(join(dataDir, 'format'), 'what?');
  await expect(startStore({ dataDir })).rejects.toThrow('no readable format version');
});

test('an older format is brought up to date, with all that it holds', async () => {
  await withStore((s3) => s3.putObject({ Bucket: 'files', Key: 'k', Body: 'kept' }));
  const index = new DatabaseSync(join(dataDir, 'index.sqlite'));
  index.exec(`
    DROP INDEX objects_by_restore;
    DROP INDEX older_versions_by_restore;
    ALTER TABLE objects DROP COLUMN restore;
    ALTER TABLE older_versions DROP COLUMN restore;
    DROP TABLE progress;
    ALTER TABLE pieces DROP COLUMN data_key;
    ALTER TABLE inline_bodies DROP COLUMN data_key;
    DROP TABLE master_key;
    PRAGMA user_version = 0;`);
  index.close();
  await writeFile(join(dataDir, 'format'), '1\n');
  await withStore(async (s3) => {
    expect(String(await bytesOf(await s3.getObject({ Bucket: 'files', Key: 'k' })))).toBe('kept');
    await s3.putObject({ Bucket: 'files', Key: 'k', Body: 'replaced' });
  });
  expect(await readFile(join(dataDir, 'format'), 'utf8')).toBe('3\n');
});
