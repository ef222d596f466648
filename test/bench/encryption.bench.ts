import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, closedAtTheEnd } from './harness.ts';
import { plainBody } from './peers/bodies.ts';
import type { Peer } from './peers/peer.ts';
import { startOurs } from './peers/store.ts';
import { cpuMilliseconds, leaveServerCore } from './pinning.ts';
import { openConnection } from './wire.ts';

/** What encryption at rest costs: the store with a master key beside the store without, in memory, each on one core. */

const mebibytes = 256;
const rangeBytes = 64 * 1024;
const body = plainBody(mebibytes);
const key = 'large';

leaveServerCore();
const memory = await mkdtemp('/dev/shm/stowage-bench-');
const plain = await startOurs(join(memory, 'plain'), { onOneCore: true });
const encrypted = await startOurs(join(memory, 'encrypted'), { onOneCore: true, encrypts: true });

async function exchange(
  peer: Peer,
  heads: readonly string[],
  pieces?: () => Iterable<Buffer>,
): Promise<void> {
  const connection = await openConnection(peer.port);
  try {
    for (const head of heads) await connection.exchange(head, pieces?.());
  } finally {
    connection.close();
  }
}

const put = (peer: Peer) => {
  const { pieces, ...head } = body;
  return exchange(peer, [peer.head({ method: 'PUT', key, ...head })], pieces);
};
const get = (peer: Peer) => exchange(peer, [peer.head({ method: 'GET', key })]);
const ranges = (peer: Peer) =>
  exchange(
    peer,
    Array.from({ length: 1000 }, (_, index) => {
      const first = ((index * 7919) % (mebibytes - 1)) * 2 ** 20;
      const headers = { range: `bytes=${first}-${first + rangeBytes - 1}` };
      return peer.head({ method: 'GET', key, headers });
    }),
  );

function duel(
  name: string,
  unit: string,
  timesFaster: number,
  request: (peer: Peer) => Promise<void>,
): Bench {
  const sample = (peer: Peer) => async () => {
    const start = cpuMilliseconds(peer.pid ?? 0);
    await request(peer);
    return cpuMilliseconds(peer.pid ?? 0) - start;
  };
  return {
    name,
    reference: 'the same store without a master key',
    unit,
    rounds: 5,
    bar: { timesFaster },
    sampleOurs: sample(encrypted),
    sampleReference: sample(plain),
  };
}

const cpu = "ms of the server's CPU";
const all: Bench[] = [
  duel(`PUT ${mebibytes} MiB, encrypted`, cpu, 0.4, put),
  duel(`GET ${mebibytes} MiB, encrypted`, cpu, 0.25, get),
  duel('GET 1,000 ranges of 64 KiB, encrypted', cpu, 0.6, ranges),
];

export const benches = closedAtTheEnd(all, async () => {
  await plain.stop();
  await encrypted.stop();
  await rm(memory, { recursive: true });
});
