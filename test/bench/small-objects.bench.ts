import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, closedAtTheEnd } from './harness.ts';
import type { Peer } from './peers/peer.ts';
import { startRgw } from './peers/rgw.ts';
import { startS3rver } from './peers/s3rver.ts';
import { startOurs } from './peers/store.ts';
import { openConnection } from './wire.ts';

/** Objects of 4 KiB over 32 connections, on disk, beside other S3 servers: every one is synced before it is answered. */

const connections = 32;
const objectsOfConnection = 64;
const count = connections * objectsOfConnection;
const body = Buffer.alloc(4096, 'small');

const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-'));
const ours = await startOurs(join(folder, 'ours'), { onOneCore: false });
const s3rver = await startS3rver(folder);
const rgw = await startRgw();

/** @returns microseconds an object */
async function sample(peer: Peer, method: 'PUT' | 'GET'): Promise<number> {
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(peer.port)));
  const lanes = open.map((connection, lane) => ({
    connection,
    heads: Array.from({ length: objectsOfConnection }, (_, index) =>
      peer.head({ method, key: `${lane}/${index}`, ...(method === 'PUT' && { contentBytes: body.length }) }),
    ),
  }));
  const start = performance.now();
  await Promise.all(
    lanes.map(async ({ connection, heads }) => {
      for (const head of heads) {
        const bytes = await connection.exchange(head, method === 'PUT' ? [body] : []);
        if (method === 'GET' && bytes !== body.length) throw new Error(`only ${bytes} bytes came`);
      }
    }),
  );
  const microseconds = (performance.now() - start) * 1000;
  for (const connection of open) connection.close();
  return microseconds / count;
}

const beside = (reference: string, peer: Peer | undefined, timesFaster: number): Bench[] =>
  peer
    ? (['PUT', 'GET'] as const).map((method) => ({
        name: `${method} 4 KiB over ${connections} connections, beside ${reference}`,
        reference,
        unit: 'µs an object',
        rounds: 7,
        bar: { timesFaster },
        sampleOurs: () => sample(ours, method),
        sampleReference: () => sample(peer, method),
      }))
    : [];

async function close(): Promise<void> {
  for (const peer of [ours, s3rver, rgw]) await peer?.stop();
  await rm(folder, { recursive: true });
}

export const benches = closedAtTheEnd([...beside('s3rver', s3rver, 2), ...beside('Ceph RGW', rgw, 1)], close);
