import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { blobFiles, masterKey, startStore } from '../server.ts';
import { bundleStore } from './bundle.ts';
import { type Lane, liveOnce } from './lane.ts';

const isCi = process.env['CI'] === 'true';
const kills = isCi ? 1000 : 12;
/** Stores that live and die beside each other, so that no core waits for a start or a disk: one in two encrypts. */
const masterKeys = isCi ? [undefined, masterKey, undefined, masterKey] : [undefined, masterKey];

const names = (operation: string, ...steps: string[]) =>
  steps.flatMap((step) => [`${operation}: before ${step}`, `${operation}: after ${step}`]);
const write = ['create', 'write', 'sync', 'sync of a name', 'commit'];
const namedSteps = [
  ...names('PUT', ...write, 'remove'),
  ...names('PUT copy', 'commit', 'remove'),
  ...names('POST uploads', 'commit'),
  ...names('PUT uploadId', ...write),
  ...names('POST uploadId', 'commit', 'remove'),
  ...names('DELETE', 'commit', 'remove'),
  ...names('POST delete', 'commit', 'remove'),
  ...names('lifecycle', 'commit', 'remove'),
];

test(
  `${kills} kills under load lose no acknowledged write, show no half one and leave nothing behind`,
  { timeout: 60_000 + kills * 10_000 },
  async () => {
    const steps = new Set<string>();
    const { program, remove } = await bundleStore();
    try {
      await Promise.all(masterKeys.map((key) => runLane(program, steps, key)));
    } finally {
      await remove();
    }
    expect(steps.size).toBeGreaterThan(2);
    if (isCi) expect(namedSteps.filter((step) => !steps.has(step))).toEqual([]);
  },
);

/** Where a few kills are all, they begin at another step each time. */
let turn = randomInt(namedSteps.length);

/** Every second life ends at the next named step, the others at a random moment. */
async function runLane(program: string, steps: Set<string>, masterKey: Lane['masterKey']): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'stowage-crash-'));
  const lane: Lane = { program, dataDir, masterKey, known: new Map() };
  try {
    for (let life = 0; life < kills / masterKeys.length; life += 1) {
      const aim = life % 2 ? namedSteps[(turn += 1) % namedSteps.length] : undefined;
      const step = await liveOnce(lane, aim);
      if (step !== undefined) steps.add(step);
    }
    expect(lane.known.size).toBeGreaterThan(6);
    await expectNothingLeft(lane);
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

/** Once everything is deleted, any file that is left is a leak. */
async function expectNothingLeft({ dataDir, masterKey }: Lane): Promise<void> {
  const { endpoint, region, credentials, store, stop } = await startStore({ dataDir, masterKey });
  const Bucket = 'files';
  const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
  expect((await store.scrub()).damaged).toEqual([]);
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  for (const { Key } of Contents) await s3.deleteObject({ Bucket, Key });
  // Lives that ended leave many uploads: more than one page of them.
  for (let isTruncated = true; isTruncated;) {
    const page = await s3.listMultipartUploads({ Bucket });
    for (const { Key, UploadId } of page.Uploads ?? []) {
      await s3.abortMultipartUpload({ Bucket, Key, UploadId });
    }
    isTruncated = page.IsTruncated ?? false;
  }
  await expect.poll(() => blobFiles(dataDir)).toEqual([]);
  expect(await store.scrub()).toEqual({ checked: 0, damaged: [] });
  s3.destroy();
  await stop();
}
