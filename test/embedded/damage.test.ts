import { appendFile, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { S3 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bytesOf } from './acceptance/target.ts';
import { masterKey, startStore } from './server.ts';

/** Three blocks and a bit, so that there are whole ones before and behind the damaged one. */
const body = Buffer.from(Uint32Array.from({ length: 110_000 }, (_, index) => index).buffer);
const object = { Bucket: 'files', Key: 'a/large' };

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-damage-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

let keyInUse: typeof masterKey | undefined;
type Store = Awaited<ReturnType<typeof startStore>>['store'];

async function withStore(use: (s3: S3, store: Store) => Promise<void>): Promise<void> {
  const { endpoint, region, credentials, store, stop } = await startStore({ dataDir, masterKey: keyInUse });
  const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  try {
    await use(s3, store);
  } finally {
    s3.destroy();
    await stop();
  }
}

/** The path of the one file that holds a body. */
async function onlyFile(): Promise<string> {
  const entries = await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true });
  const [file, ...others] = entries.filter((entry) => entry.isFile());
  if (!file || others.length > 0) throw new Error('There is not exactly one file.');
  return join(file.parentPath, file.name);
}

async function flipBit(file: string, position: number): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, position);
  byte[0] = (byte[0] ?? 0) ^ 0b100;
  await handle.write(byte, 0, 1, position);
  await handle.close();
}

describe.each([
  ['plain', undefined],
  ['encrypted', masterKey],
])('in a store that is %s,', (_, key) => {
  beforeEach(() => {
    keyInUse = key;
  });

  describe.each([
    ['is missing', (file: string) => rm(file)],
    ['is shorter', (file: string) => truncate(file, 200_000)],
    ['is longer', (file: string) => appendFile(file, 'x')],
    ['has a flipped bit', (file: string) => flipBit(file, 150_000)],
  ])('a body whose file %s', (_, damage) => {
    test('is an error to readers, and is found by the scrub', async () => {
      await withStore(async (s3, store) => {
        await s3.putObject({ ...object, Body: body });
        await s3.putObject({ Bucket: 'files', Key: 'small', Body: 'small' });
        expect(await store.scrub()).toEqual({ checked: 2, damaged: [] });
        await damage(await onlyFile());
        await expect(s3.getObject(object).then(bytesOf)).rejects.toThrow();
        await expect(
          s3.getObject({ ...object, Range: 'bytes=149000-151000' }).then(bytesOf),
        ).rejects.toThrow();
        expect(await store.scrub()).toMatchObject({ checked: 2, damaged: [{ objects: ['files/a/large'] }] });
        expect(await bytesOf(await s3.getObject({ Bucket: 'files', Key: 'small' }))).toEqual(
          Buffer.from('small'),
        );
      });
    });
  });

  test('a flipped bit leaves the other blocks readable', async () => {
    await withStore(async (s3) => {
      await s3.putObject({ ...object, Body: body });
      await flipBit(await onlyFile(), 150_000);
      for (const [from, until] of [
        [0, 131_072],
        [262_144, 440_000],
      ] as const) {
        const answer = await s3.getObject({ ...object, Range: `bytes=${from}-${until - 1}` });
        expect((await bytesOf(answer)).equals(body.subarray(from, until))).toBe(true);
      }
      await expect(s3.getObject({ ...object, Range: 'bytes=131071-131072' }).then(bytesOf)).rejects.toThrow();
    });
  });

  test('a short body that the index has changed is an error, too', async () => {
    await withStore(async (s3) => void (await s3.putObject({ ...object, Body: 'short' })));
    const index = new DatabaseSync(join(dataDir, 'index.sqlite'));
    index.exec("UPDATE inline_bodies SET body = CAST('shirt' || substr(body, 6) AS BLOB)");
    index.close();
    await withStore(async (s3, store) => {
      await expect(s3.getObject(object)).rejects.toMatchObject({ name: 'InternalError' });
      expect(await store.scrub()).toMatchObject({ checked: 1, damaged: [{ objects: ['files/a/large'] }] });
    });
  });

  test('a damaged piece of an object of parts is found where it is', async () => {
    await withStore(async (s3, store) => {
      const { UploadId } = await s3.createMultipartUpload(object);
      const upload = { ...object, UploadId };
      const { ETag } = await s3.uploadPart({ ...upload, PartNumber: 1, Body: body });
      await flipBit(await onlyFile(), 7);
      expect((await store.scrub()).damaged).toMatchObject([{ objects: [] }]);
      await s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } });
      expect((await store.scrub()).damaged).toMatchObject([{ objects: ['files/a/large'] }]);
    });
  });

  test('an index that has lost a page is refused or gives errors, and never another body', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => ({
      Key: `k${index}`,
      body: Buffer.alloc(3000, index),
    }));
    await withStore(async (s3) => {
      for (const { Key, body } of keys) await s3.putObject({ Bucket: 'files', Key, Body: body });
    });
    const file = join(dataDir, 'index.sqlite');
    const whole = await readFile(file);
    let noticed = 0;
    for (let page = 1; page < whole.length / 4096; page += 5) {
      await writeFile(file, Buffer.from(whole).fill(0, page * 4096, (page + 1) * 4096));
      const reading = withStore(async (s3) => {
        for (const { Key, body } of keys) {
          const read = await s3.getObject({ Bucket: 'files', Key }).then(bytesOf, () => undefined);
          if (read) expect(read.equals(body)).toBe(true);
          else noticed += 1;
        }
      });
      await reading.catch((error: Error) => {
        expect(error.message).toContain('malformed');
        noticed += 1;
      });
    }
    expect(noticed).toBeGreaterThan(0);
  });

  test('bodies without their index are refused, and kept', async () => {
    await withStore(async (s3) => void (await s3.putObject({ ...object, Body: body })));
    const file = await onlyFile();
    for (const name of ['index.sqlite', 'index.sqlite-wal', 'index.sqlite-shm']) {
      await rm(join(dataDir, name), { force: true });
    }
    await expect(startStore({ dataDir, masterKey: key })).rejects.toThrow('has no index');
    expect(await onlyFile()).toBe(file);
  });
});
