import { hash, randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { S3 } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { KeySource } from '../../lib/config/standalone-environment.ts';
import { readMasterKey } from '../../lib/embedded/encryption/master-key.ts';
import { rotateMasterKey } from '../../lib/embedded/encryption/rotate-master-key.ts';
import { bytesOf } from './acceptance/target.ts';
import { masterKey, startStore } from './server.ts';

// Every test writes to a disk that others may be using.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const blockBytes = 128 * 1024;
const Bucket = 'files';
const newKey = { text: randomBytes(32).toString('base64') };
const sentence = 'What nobody else shall read. ';
const bodies = {
  empty: Buffer.alloc(0),
  small: Buffer.alloc(1000, sentence),
  large: Buffer.alloc(5 * blockBytes + 777, sentence),
};

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-encryption-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

type Store = Awaited<ReturnType<typeof startStore>>['store'];

async function withStore(
  key: KeySource | undefined,
  use: (s3: S3, store: Store) => Promise<void>,
): Promise<void> {
  const { endpoint, region, credentials, store, stop } = await startStore({ dataDir, masterKey: key });
  const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  try {
    await use(s3, store);
  } finally {
    s3.destroy();
    await stop();
  }
}

/** Everything in the folder, by its path. */
async function allFiles(folder = 'blobs'): Promise<Map<string, Buffer>> {
  const root = join(dataDir, folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path)] as const)));
}

async function putAll(s3: S3, prefix: string): Promise<void> {
  for (const [name, Body] of Object.entries(bodies)) await s3.putObject({ Bucket, Key: prefix + name, Body });
  const upload = { Bucket, Key: `${prefix}parts` };
  const { UploadId } = await s3.createMultipartUpload(upload);
  const { ETag } = await s3.uploadPart({ ...upload, UploadId, PartNumber: 7, Body: bodies.large });
  const Parts = [{ PartNumber: 7, ETag }];
  await s3.completeMultipartUpload({ ...upload, UploadId, MultipartUpload: { Parts } });
}

async function expectAll(s3: S3, prefix: string): Promise<void> {
  for (const [name, body] of Object.entries({ ...bodies, parts: bodies.large })) {
    const read = await bytesOf(await s3.getObject({ Bucket, Key: prefix + name }));
    expect(read.equals(body), prefix + name).toBe(true);
  }
}

test('nothing of a body stands on the disk as it is', async () => {
  await withStore(masterKey, (s3) => putAll(s3, ''));
  for (const [path, bytes] of await allFiles('.')) {
    expect(bytes.includes(sentence.slice(0, 12)), path).toBe(false);
  }
  await withStore(masterKey, async (s3, store) => {
    await expectAll(s3, '');
    expect((await store.scrub()).damaged).toEqual([]);
  });
});

test('every range is what it is of the body', async () => {
  const body = randomBytes(3 * blockBytes + 99);
  await withStore(masterKey, async (s3) => {
    await s3.putObject({ Bucket, Key: 'k', Body: body });
    const position = fc.integer({ min: 0, max: body.length - 1 });
    await fc.assert(
      fc.asyncProperty(position, position, async (a, b) => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        const answer = await s3.getObject({ Bucket, Key: 'k', Range: `bytes=${first}-${last}` });
        expect((await bytesOf(answer)).equals(body.subarray(first, last + 1))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a file that holds', () => {
  const [one, two] = [randomBytes(3 * blockBytes), randomBytes(3 * blockBytes)];

  async function filesOf(): Promise<[string, string]> {
    const paths = [...(await allFiles()).keys()];
    const [first, second] = paths.toSorted((a, b) => (basename(a) < basename(b) ? -1 : 1));
    if (first === undefined || second === undefined) throw new Error('There are no two files.');
    return [first, second];
  }
  /** Brings a file's blocks into another order, with or without their tags. */
  async function reorder(path: string, order: readonly number[], withTags: boolean): Promise<void> {
    const bytes = await readFile(path);
    const block = (index: number) => bytes.subarray(index * blockBytes, (index + 1) * blockBytes);
    const tag = (index: number) => bytes.subarray(3 * blockBytes).subarray(index * 16, (index + 1) * 16);
    const tags = withTags ? order : [0, 1, 2];
    await writeFile(path, Buffer.concat([...order.map(block), ...tags.map(tag)]));
  }
  function changeIndex(...statements: string[]): void {
    const index = new DatabaseSync(join(dataDir, 'index.sqlite'));
    for (const statement of statements) index.exec(statement);
    index.close();
  }

  test.each<[string, () => Promise<void>]>([
    [
      'another body of the same size',
      async () => {
        const [first, second] = await filesOf();
        await copyFile(second, first);
      },
    ],
    [
      'another body, with the key of that',
      async () => {
        const [first, second] = await filesOf();
        await copyFile(second, first);
        changeIndex(
          'UPDATE pieces SET data_key = (SELECT data_key FROM pieces ORDER BY content_id DESC LIMIT 1)',
        );
      },
    ],
    ['its blocks in another order', async () => reorder((await filesOf())[0], [1, 0, 2], false)],
    [
      'its blocks and their tags in another order',
      async () => reorder((await filesOf())[0], [0, 2, 1], true),
    ],
    [
      'one block less, as does the index',
      async () => {
        await reorder((await filesOf())[0], [0, 1], true);
        changeIndex(
          `UPDATE pieces SET size_bytes = ${2 * blockBytes} WHERE content_id = (SELECT min(content_id) FROM pieces)`,
          `UPDATE objects SET size_bytes = ${2 * blockBytes} WHERE key = 'one'`,
        );
      },
    ],
  ])('%s is an error, and found by the scrub', async (_, tamper) => {
    await withStore(masterKey, async (s3) => {
      await s3.putObject({ Bucket, Key: 'one', Body: one });
      await s3.putObject({ Bucket, Key: 'two', Body: two });
    });
    await tamper();
    await withStore(masterKey, async (s3, store) => {
      await expect(
        s3.getObject({ Bucket, Key: 'one' }).then((answer) => bytesOf(answer).then(() => 'read')),
      ).rejects.toThrow();
      expect((await bytesOf(await s3.getObject({ Bucket, Key: 'two' }))).equals(two)).toBe(true);
      expect((await store.scrub()).damaged).toMatchObject([{ objects: ['files/one'] }]);
    });
  });
});

describe('the master key', () => {
  test('may come to a store that is not encrypted, whose bodies stay readable', async () => {
    await withStore(undefined, (s3) => putAll(s3, 'before/'));
    await withStore(masterKey, async (s3, store) => {
      await expectAll(s3, 'before/');
      await putAll(s3, 'after/');
      await expectAll(s3, 'after/');
      expect((await store.scrub()).damaged).toEqual([]);
    });
    await withStore(masterKey, async (s3) => {
      await expectAll(s3, 'before/');
      await expectAll(s3, 'after/');
    });
  });

  test('cannot be left out again, nor be another', async () => {
    await withStore(masterKey, (s3) => putAll(s3, ''));
    await expect(startStore({ dataDir })).rejects.toThrow('which is missing');
    await expect(startStore({ dataDir, masterKey: newKey })).rejects.toThrow('the one that was given is');
    await withStore(masterKey, (s3) => expectAll(s3, ''));
  });

  test.each(['', 'short', randomBytes(31).toString('base64'), randomBytes(32).toString('hex')])(
    'is not %j',
    async (text) => {
      await expect(startStore({ dataDir, masterKey: { text } })).rejects.toThrow('32 random bytes in base64');
    },
  );

  test('comes from a file, too', async () => {
    const path = join(dataDir, 'master.key');
    await writeFile(path, `${masterKey.text}\n`);
    await withStore({ path }, (s3) => putAll(s3, ''));
    await withStore(masterKey, (s3) => expectAll(s3, ''));
    await expect(startStore({ dataDir, masterKey: { path: join(dataDir, 'none') } })).rejects.toThrow('none');
  });
});

describe('a rotation of the master key', () => {
  const rotate = () =>
    rotateMasterKey(dataDir, { current: readMasterKey(masterKey), next: readMasterKey(newKey) });

  test('brings all under the new one, without touching a file', async () => {
    await withStore(undefined, (s3) => putAll(s3, 'plain/'));
    await withStore(masterKey, (s3) => putAll(s3, ''));
    const files = async () => [...(await allFiles())].map(([path, bytes]) => [path, hash('sha256', bytes)]);
    const before = await files();
    expect(await rotate()).toBe(3);
    expect(await files()).toEqual(before);
    await expect(startStore({ dataDir, masterKey })).rejects.toThrow('the one that was given is');
    await withStore(newKey, async (s3, store) => {
      await expectAll(s3, '');
      await expectAll(s3, 'plain/');
      expect((await store.scrub()).damaged).toEqual([]);
    });
    // Once more does no harm: the first answer may have been lost.
    expect(await rotate()).toBe(0);
  });

  test('is refused while a process uses the store, and by a store with another key, or none', async () => {
    await withStore(undefined, async () => {
      await expect(rotate()).rejects.toThrow('in use by another process');
    });
    await expect(rotate()).rejects.toThrow('not encrypted');
    await withStore({ text: randomBytes(32).toString('base64') }, async () => undefined);
    await expect(rotate()).rejects.toThrow('the one that was given is');
  });

  test('that a damaged key breaks off has changed nothing', async () => {
    await withStore(masterKey, (s3) => putAll(s3, ''));
    const index = new DatabaseSync(join(dataDir, 'index.sqlite'));
    index.exec(
      'UPDATE pieces SET data_key = zeroblob(60) WHERE content_id = (SELECT max(content_id) FROM pieces)',
    );
    index.close();
    await expect(rotate()).rejects.toThrow('does not open');
    await withStore(masterKey, async (s3) => {
      expect((await bytesOf(await s3.getObject({ Bucket, Key: 'large' }))).equals(bodies.large)).toBe(true);
    });
  });
});
