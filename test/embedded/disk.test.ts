import { type FileHandle, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../clients/run.ts';
import { findProgram } from '../support/programs.ts';
import { bytesOf, codeOf } from './acceptance/target.ts';
import { blobFiles, startStore } from './server.ts';

const mount = findProgram('mount');
const isRoot = process.getuid?.() === 0;
if (!isRoot) {
  if (process.env['CI'] === 'true') throw new Error('Only root can mount a small disk');
  process.stderr.write('Skipped: only root can mount a small disk\n');
}

const Bucket = 'files';

describe.runIf(mount && isRoot)('on a disk of 16 MiB', () => {
  let disk = '';
  let dataDir = '';
  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), 'stowage-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'stowage-test', disk]);
    dataDir = join(disk, 'data');
    await mkdir(dataDir);
  });
  afterEach(async () => {
    await run('umount', [disk]);
    await rm(disk, { recursive: true });
  });

  async function withStore(use: (s3: S3) => Promise<void>): Promise<void> {
    const { endpoint, region, credentials, stop } = await startStore({ dataDir });
    const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
    try {
      await use(s3);
    } finally {
      s3.destroy();
      await stop();
    }
  }

  test('a write that does not fit is refused, leaves nothing, and what is stored can be read and deleted', async () => {
    const body = Buffer.alloc(5_000_000, 'x');
    await withStore(async (s3) => {
      await s3.putObject({ Bucket, Key: 'first', Body: body });
      await s3.putObject({ Bucket, Key: 'second', Body: body });
      const files = await blobFiles(dataDir);
      for (let attempt = 0; attempt < 3; attempt += 1) {
        expect(await codeOf(s3.putObject({ Bucket, Key: 'first', Body: Buffer.alloc(9_000_000) }))).toBe(
          'InsufficientStorage',
        );
      }
      await expect.poll(() => blobFiles(dataDir)).toEqual(files);
      expect((await bytesOf(await s3.getObject({ Bucket, Key: 'first' }))).equals(body)).toBe(true);
      await s3.deleteObject({ Bucket, Key: 'second' });
      await s3.putObject({ Bucket, Key: 'third', Body: body });
    });
  });

  test('an index that can grow no more refuses, loses nothing, and goes on once there is room', async () => {
    const stored: string[] = [];
    const foreign = join(disk, 'foreign');
    await writeFile(foreign, Buffer.alloc(1_000_000));
    await withStore(async (s3) => {
      await s3.putObject({ Bucket, Key: 'room', Body: Buffer.alloc(8_000_000) });
      for (let index = 0; index < 2000; index += 1) {
        const Key = `small/${index}`;
        const code = await s3.putObject({ Bucket, Key, Body: Buffer.alloc(12_000, Key) }).then(
          () => undefined,
          (error: Error) => error.name,
        );
        if (code !== undefined) {
          expect(code).toBe('InsufficientStorage');
          break;
        }
        stored.push(Key);
      }
      expect(stored.length).toBeGreaterThan(50);
      for (const Key of stored) {
        expect((await bytesOf(await s3.getObject({ Bucket, Key }))).equals(Buffer.alloc(12_000, Key))).toBe(
          true,
        );
      }
    });
    // A delete needs a little room, too.
    await rm(foreign);
    await withStore(async (s3) => {
      for (const Key of stored.splice(0, 20)) await s3.deleteObject({ Bucket, Key });
      await s3.deleteObject({ Bucket, Key: 'room' });
      await s3.putObject({ Bucket, Key: 'again', Body: Buffer.alloc(100_000) });
      const { KeyCount } = await s3.listObjectsV2({ Bucket, Prefix: 'small/', MaxKeys: 1000 });
      expect(KeyCount).toBe(Math.min(stored.length, 1000));
    });
  });

  test('made read-only, the store refuses to start and says why', async () => {
    await withStore(async (s3) => void (await s3.putObject({ Bucket, Key: 'k', Body: 'x' })));
    await run('mount', ['-o', 'remount,ro', disk]);
    await expect(startStore({ dataDir })).rejects.toThrow(/read-?only/i);
    await run('mount', ['-o', 'remount,rw', disk]);
    await withStore(async (s3) => {
      expect(await bytesOf(await s3.getObject({ Bucket, Key: 'k' }))).toEqual(Buffer.from('x'));
    });
  });
});

describe('on a disk that fails', () => {
  let running: Awaited<ReturnType<typeof startStore>>;
  let s3: S3;
  let handlePrototype: FileHandle;
  beforeEach(async () => {
    running = await startStore();
    const { endpoint, region, credentials } = running;
    s3 = new S3({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
    const handle = await open(import.meta.filename);
    handlePrototype = Object.getPrototypeOf(handle);
    await handle.close();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    s3.destroy();
    await running.stop();
  });

  test('files are removed behind the answer, and what comes next waits for their room', async () => {
    const Keys = Array.from({ length: 400 }, (_, index) => `small/${index}`);
    await Promise.all(Keys.map((Key) => s3.putObject({ Bucket, Key, Body: Buffer.alloc(20_000) })));
    const write: FileHandle['write'] = Reflect.get(handlePrototype, 'write');
    vi.spyOn(handlePrototype, 'write').mockImplementation(async function full(
      this: FileHandle,
      ...args: Parameters<typeof write>
    ) {
      if ((await blobFiles(running.dataDir)).length > 1) throw Object.assign(new Error(), { code: 'ENOSPC' });
      return write.apply(this, args);
    });
    await s3.deleteObjects({ Bucket, Delete: { Objects: Keys.map((Key) => ({ Key })) } });
    await s3.putObject({ Bucket, Key: 'large', Body: Buffer.alloc(1_000_000) });
    expect(await blobFiles(running.dataDir)).toHaveLength(1);
  });

  test('a sync that fails while the body still comes, and tells of it but once, has stored nothing', async () => {
    const object = { Bucket, Key: 'large' };
    const sizeBytes = 40 * 1024 * 1024;
    const put = () => s3.putObject({ ...object, Body: Buffer.alloc(sizeBytes, 'x') });
    const datasync: FileHandle['datasync'] = Reflect.get(handlePrototype, 'datasync');
    let failures = 0;
    vi.spyOn(handlePrototype, 'datasync').mockImplementation(async function failOnce(this: FileHandle) {
      const { size } = await this.stat();
      if (size > sizeBytes / 2 && size < sizeBytes && failures === 0) {
        failures += 1;
        throw new Error('i/o error');
      }
      return datasync.call(this);
    });
    expect(await codeOf(put())).toBe('InternalError');
    expect(failures).toBe(1);
    expect(await codeOf(s3.headObject(object))).toBe('NotFound');
    await expect.poll(() => blobFiles(running.dataDir)).toEqual([]);
    await put();
    expect((await s3.headObject(object)).ContentLength).toBe(sizeBytes);
  });
});
