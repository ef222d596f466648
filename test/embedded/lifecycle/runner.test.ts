import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogEntry } from '../../support/service.ts';
import { blobFiles, startStore } from '../server.ts';

const Bucket = 'files';
let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-lifecycle-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

/** Starts a store whose days last a second. */
async function start(log: LogEntry[] = []) {
  const { store, endpoint, region, credentials, stop } = await startStore({
    dataDir,
    lifecycleDaySeconds: 1,
    log: (level, message, fields = {}) => log.push({ level, message, fields }),
  });
  const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
  const events = () => store.events.read(0, 10_000).map(({ event }) => event);
  return {
    s3,
    events,
    expired: () =>
      events()
        .filter(({ detail }) => detail.reason === 'Lifecycle Expiration')
        .map(({ detail }) => detail.object),
    stop: async () => {
      s3.destroy();
      await stop();
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

test(
  'a store does by itself what its rules say, and goes on where the last process stopped',
  { timeout: 180_000 },
  async () => {
    const count = 120;
    const keys = Array.from({ length: count }, (_, at) => `tmp/${String(at).padStart(4, '0')}`);
    // On a busy machine the pass may be over before the store has been stopped: then once more.
    let kept = await stoppedAmidPass(keys);
    while (!kept.at) kept = await stoppedAmidPass(keys);
    expect(kept.at).toMatchObject({ versions: { key: expect.stringMatching(/^tmp\//) } });
    expect(kept.report.expired).toBeLessThan(count);

    const log: LogEntry[] = [];
    const second = await start(log);
    const said = () => log.find(({ message }) => message === 'The lifecycle has run');
    await until(() => said() !== undefined);
    expect(said()?.fields).toMatchObject({ expired: count });
    const expired = second.expired().map(({ key }) => key);
    expect(expired.slice(-count).toSorted()).toEqual(keys);
    const { Contents } = await second.s3.listObjectsV2({ Bucket });
    expect(Contents?.map(({ Key }) => Key)).toEqual(['kept']);
    await expect.poll(() => blobFiles(dataDir)).toEqual([]);
    await second.stop();
  },
);

/** What the store keeps of a pass. */
interface KeptPass {
  readonly at?: object;
  readonly report: { readonly expired: number };
}

/** Writes objects, lets them become due, and stops the store when the first of them has gone. */
async function stoppedAmidPass(keys: readonly string[]): Promise<KeptPass> {
  const { s3, expired, stop } = await start();
  await s3.deleteBucketLifecycle({ Bucket });
  await Promise.all(keys.map((Key) => s3.putObject({ Bucket, Key, Body: Buffer.alloc(20_000) })));
  await s3.putObject({ Bucket, Key: 'kept', Body: 'x' });
  const before = expired().length;
  // Rounded up to midnight, a day takes at most two.
  await sleep(2000);
  const Rules = [
    { ID: 'tmp', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 1 } },
  ] as const;
  await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: [...Rules] } });
  await until(() => expired().length > before);
  await stop();
  const index = new DatabaseSync(join(dataDir, 'index.sqlite'), { readOnly: true });
  const row = index.prepare("SELECT document FROM progress WHERE name = 'lifecycle'").get();
  index.close();
  return JSON.parse(String(row?.['document']));
}

test('what is written again meanwhile is not taken for what was due', { timeout: 180_000 }, async () => {
  const { s3, events, expired, stop } = await start();
  await s3.putBucketLifecycleConfiguration({
    Bucket,
    LifecycleConfiguration: {
      Rules: [{ ID: 'old', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 2 } }],
    },
  });
  for (let times = 0; times < 30; times += 1) {
    await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
    await sleep(Math.random() * 200);
  }
  await until(() => expired().length > 0);
  const times = events().map((event) => ({ type: event['detail-type'], at: Date.parse(event.time) }));
  for (const [index, { type, at }] of times.entries()) {
    if (type === 'Object Deleted') expect(at - (times[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(2000);
  }
  await stop();
});
