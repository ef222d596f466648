import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { S3 } from '@aws-sdk/client-s3';
import { presigned } from '../embedded/acceptance/wire.ts';
import { startStore } from '../embedded/server.ts';
import type { Bench } from './harness.ts';

/** What a pass of the lifecycle over a million keys costs those who read meanwhile, and how much memory it takes. */

const count = 1_000_000;
const bucket = 'files';
const dataDir = await mkdtemp(join(tmpdir(), 'stowage-bench-'));
await (await startStore({ dataDir })).stop();
const index = new DatabaseSync(join(dataDir, 'index.sqlite'));
index.exec(`
  WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
  INSERT INTO objects
    (bucket_id, key, version_id, sequence, is_delete_marker, content_id, size_bytes, etag, modified_at, storage_class,
     headers, tags)
  SELECT 1, printf('k/%08d', i), 'null', 1, 0, i, 0, 'd41d8cd98f00b204e9800998ecf8427e', 1700000000000, 'STANDARD',
    '{"content-type":"text/plain"}', '{"kind":"log"}'
  FROM n`);
index.close();

const running = await startStore({ dataDir });
const { store, endpoint, region, credentials } = running;
const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
await s3.putObject({ Bucket: bucket, Key: 'read', Body: 'x'.repeat(1000) });
const url = presigned({ ...running, bucket }, 'read', { method: 'GET' }, { expiresInSeconds: 3600 });

/** The slowest hundredth of the reads for as long as something runs: milliseconds. */
async function slowReads(isOver: () => boolean): Promise<number> {
  const times: number[] = [];
  while (!isOver()) {
    const startedAt = performance.now();
    await (await fetch(url)).arrayBuffer();
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
}

/** A pass over the keys with a prefix, of which none is due. */
async function passOver(Prefix: string, expected: number): Promise<void> {
  const And = { Prefix, Tags: [{ Key: 'kind', Value: 'other' }] };
  const Rules = [{ ID: 'other', Status: 'Enabled', Filter: { And }, Expiration: { Days: 1 } }] as const;
  await s3.putBucketLifecycleConfiguration({ Bucket: bucket, LifecycleConfiguration: { Rules: [...Rules] } });
  const { examined } = await store.runLifecycle();
  if (examined !== expected) throw new Error(`The pass has looked at ${examined} versions.`);
}

const passOverAll = () => passOver('k/', count);

/** The most memory that JavaScript's objects took beyond what they had taken before: MiB. */
async function peakHeap(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().heapUsed;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed);
  }, 20);
  await work();
  clearInterval(timer);
  return (most - before) / 2 ** 20;
}

export const benches: readonly Bench[] = [
  {
    name: 'p99 of reads beside a pass over 1,000,000 keys, without rests',
    reference: 'without a pass',
    unit: 'ms',
    rounds: 1,
    bar: { atMostMore: 10 },
    sampleOurs: async () => {
      let isOver = false;
      const passing = passOverAll().finally(() => {
        isOver = true;
      });
      const slow = await slowReads(() => isOver);
      await passing;
      return slow;
    },
    sampleReference: () => {
      const end = performance.now() + 3000;
      return slowReads(() => performance.now() > end);
    },
  },
  {
    name: 'memory of a pass over 1,000,000 keys',
    reference: '10,000 keys',
    unit: 'MiB of heap',
    rounds: 1,
    // Garbage that waits for its collector; the keys themselves would take hundreds.
    bar: { atMostMore: 128 },
    sampleOurs: () => peakHeap(passOverAll),
    sampleReference: () => peakHeap(() => passOver('k/0001', 10_000)),
    close: async () => {
      s3.destroy();
      await running.stop();
      await rm(dataDir, { recursive: true });
    },
  },
];
