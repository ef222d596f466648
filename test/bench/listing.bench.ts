import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { openDataFolder } from '../../lib/embedded/data-folder.ts';
import { createEncryption } from '../../lib/embedded/encryption/encryption.ts';
import { openObjectIndex } from '../../lib/embedded/index/object-index.ts';
import { type Bench, closedAtTheEnd } from './harness.ts';
import { startOurs } from './peers/store.ts';
import { cpuMilliseconds } from './pinning.ts';
import { openConnection } from './wire.ts';

/**
 * Listings of a bucket of a million keys under ten prefixes, over HTTP. What counts is the server's CPU time, which is
 * how long a caller waits where nothing else goes on: a listing is answered in one go.
 */

const prefixes = 10;
const keysOfPrefix = 100_000;
const pageSize = 1000;
const requestsOfSample = 20;
const nameOf = (number: number) =>
  `prefix-${Math.floor(number / keysOfPrefix)}/${String(number).padStart(7, '0')}`;

const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-'));
await fill(folder);
const store = await startOurs(folder, { onOneCore: false });

async function fill(dataDir: string): Promise<void> {
  // Makes the folder and its bucket as the store itself does.
  await (await startOurs(dataDir, { onOneCore: false })).stop();
  const { indexFile, unlock } = await openDataFolder(dataDir);
  const index = await openObjectIndex(indexFile, createEncryption(undefined));
  const bucketId = index.buckets.find('files')?.id ?? 0;
  const batch = 10_000;
  for (let first = 0; first < prefixes * keysOfPrefix; first += batch) {
    await index.commit(() => {
      for (let number = first; number < first + batch; number += 1) {
        index.objects.put(bucketId, {
          key: nameOf(number),
          versionId: 'null',
          sequence: 1,
          isDeleteMarker: false,
          contentId: index.contents.newId(),
          sizeBytes: 0,
          etag: 'd41d8cd98f00b204e9800998ecf8427e',
          modifiedAt: Date.now(),
          storageClass: 'STANDARD',
          headers: { 'content-type': 'application/octet-stream' },
          tags: {},
        });
      }
    });
  }
  await index.close();
  unlock();
}

function list(query: Record<string, string>): () => Promise<number> {
  return async () => {
    const connection = await openConnection(store.port);
    const head = () => store.head({ method: 'GET', key: '', query: { 'list-type': '2', ...query } });
    const start = cpuMilliseconds(store.pid ?? 0);
    for (let count = 0; count < requestsOfSample; count += 1) await connection.exchange(head());
    connection.close();
    return (cpuMilliseconds(store.pid ?? 0) - start) / requestsOfSample;
  };
}

const unit = "ms of the server's CPU";
const firstPage = list({});
const nothing = list({ prefix: 'nothing begins so' });
const beforeLastPage = nameOf(prefixes * keysOfPrefix - pageSize - 1);

const all: readonly Bench[] = [
  {
    name: 'first page of 1,000 of a million keys',
    reference: 'an empty page',
    unit,
    rounds: 5,
    bar: { atMostMore: 20 },
    sampleOurs: firstPage,
    sampleReference: nothing,
  },
  {
    name: 'page 1,000 of a million keys',
    reference: 'page 1',
    unit,
    rounds: 5,
    bar: { timesFaster: 0.8 },
    sampleOurs: list({ 'start-after': beforeLastPage }),
    sampleReference: firstPage,
  },
  {
    name: 'delimiter=/ over a million keys under ten prefixes',
    reference: 'an empty page',
    unit,
    rounds: 5,
    bar: { atMostMore: 50 },
    sampleOurs: list({ delimiter: '/' }),
    sampleReference: nothing,
  },
];

async function close(): Promise<void> {
  await store.stop();
  await rm(folder, { recursive: true });
}

export const benches = closedAtTheEnd(all, close);
