import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3 } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { bytesOf } from './acceptance/target.ts';
import { blobFiles, credentials, region, startStore } from './server.ts';

const kills = 6;
const writers = 8;
const Bucket = 'files';
/** A body, or nothing where the key was deleted. */
type State = Buffer | undefined;

/** What may be found under a key: what was acknowledged last, or what was under way when the process died. */
type Known = Map<string, readonly State[]>;

test(
  `${kills} kills under load lose no acknowledged write, show no half one and leave nothing behind`,
  { timeout: 120_000 },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'stowage-crash-'));
    const known: Known = new Map();
    try {
      for (let kill = 1; kill <= kills; kill += 1) {
        await loadAndKill(dataDir, known);
        await verify(dataDir, known);
      }
      expect(known.size).toBeGreaterThan(writers);
      await expectNothingLeft(dataDir);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  },
);

async function loadAndKill(dataDir: string, known: Known): Promise<void> {
  const script = fileURLToPath(new URL('crash-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const s3 = client(String(line).trim());
  const died = once(child, 'exit');
  const loads = Array.from({ length: writers }, (_, writer) => load(s3, writer, known));
  await new Promise((resolve) => setTimeout(resolve, randomInt(50, 600)));
  child.kill('SIGKILL');
  await Promise.all([...loads, died]);
  s3.destroy();
}

/** Writes, replaces and deletes keys of its own, one after another, until the process is gone. */
async function load(s3: S3, writer: number, known: Known): Promise<void> {
  for (;;) {
    const Key = `${writer}/${randomInt(6)}`;
    const next =
      randomInt(4) === 0 ? undefined : randomBytes(randomInt(2) ? randomInt(2000) : randomInt(400_000));
    const before = known.get(Key) ?? [undefined];
    known.set(Key, [...before, next]);
    try {
      if (!next) await s3.deleteObject({ Bucket, Key });
      else if (randomInt(3) === 0) await putInParts(s3, Key, next);
      else await s3.putObject({ Bucket, Key, Body: next });
    } catch {
      return;
    }
    known.set(Key, [next]);
  }
}

async function putInParts(s3: S3, Key: string, Body: Buffer): Promise<void> {
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
  const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body });
  const Parts = [{ PartNumber: 1, ETag }];
  await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
}

async function verify(dataDir: string, known: Known): Promise<void> {
  const { endpoint, stop } = await startStore({ dataDir });
  const s3 = client(endpoint);
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  const listed = new Set(Contents.map(({ Key = '' }) => Key));
  for (const key of listed) expect(known.has(key)).toBe(true);
  for (const [Key, states] of known) {
    const found: State = listed.has(Key) ? await bytesOf(await s3.getObject({ Bucket, Key })) : undefined;
    const isKnown = states.some((state) => (state && found ? state.equals(found) : state === found));
    expect(isKnown, `${Key} holds ${found?.length ?? 'no'} bytes that nobody wrote`).toBe(true);
    known.set(Key, [found]);
  }
  s3.destroy();
  await stop();
}

/** Once everything is deleted, any file that is left is a leak. */
async function expectNothingLeft(dataDir: string): Promise<void> {
  const { endpoint, stop } = await startStore({ dataDir });
  const s3 = client(endpoint);
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  for (const { Key } of Contents) await s3.deleteObject({ Bucket, Key });
  const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
  for (const { Key, UploadId } of Uploads) await s3.abortMultipartUpload({ Bucket, Key, UploadId });
  expect(await blobFiles(dataDir)).toEqual([]);
  s3.destroy();
  await stop();
}

function client(endpoint: string): S3 {
  return new S3({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
}
