import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, closedAtTheEnd } from './harness.ts';
import { bodyWithTrailer, plainBody, type UploadBody } from './peers/bodies.ts';
import { startNginx } from './peers/nginx.ts';
import type { Peer } from './peers/peer.ts';
import { startRgw } from './peers/rgw.ts';
import { startS3rver } from './peers/s3rver.ts';
import { startOurs } from './peers/store.ts';
import { cpuMilliseconds, leaveServerCore } from './pinning.ts';
import { openConnection } from './wire.ts';

/**
 * Bodies of 512 MiB through the embedded store, beside nginx in memory (`/dev/shm`; each on one core) and beside other
 * S3 servers on disk.
 *
 * A PUT beside nginx is judged by the server's CPU time, which is what one core gives, and which other programs on the
 * machine hardly change; to it belongs what a server does behind its answer. A GET is judged by the clock: nginx's
 * sendfile leaves to the receiver what it saves itself. How much that is hangs on whether the file's pages lie together
 * in memory, and thus on what the machine has been through.
 */

const mebibytes = 512;
const plain = plainBody(mebibytes);
const trailer = bodyWithTrailer(mebibytes);
const key = 'large';

leaveServerCore();
const memory = await mkdtemp('/dev/shm/stowage-bench-');
const disk = await mkdtemp(join(tmpdir(), 'stowage-bench-'));
const inMemory = await startOurs(join(memory, 'ours'), { onOneCore: true });
const onDisk = await startOurs(join(disk, 'ours'), { onOneCore: false });
const nginx = await startNginx(join(memory, 'nginx'));
const s3rver = await startS3rver(disk);
const rgw = await startRgw();

type Request = (peer: Peer) => Promise<number>;

const put =
  ({ pieces, ...head }: UploadBody): Request =>
  (peer) =>
    exchange(peer, peer.head({ method: 'PUT', key, ...head }), pieces());

const get: Request = async (peer) => {
  const bodyBytes = await exchange(peer, peer.head({ method: 'GET', key }));
  if (bodyBytes !== plain.contentBytes) throw new Error(`only ${bodyBytes} bytes came`);
  return bodyBytes;
};

async function exchange(peer: Peer, head: string, body?: Iterable<Buffer>): Promise<number> {
  const connection = await openConnection(peer.port);
  try {
    return await connection.exchange(head, body);
  } finally {
    connection.close();
  }
}

const bothUnits = { cpu: "ms of the server's CPU a GiB", clock: 'ms a GiB' };

interface Duel {
  readonly name: string;
  readonly ours: Peer;
  readonly reference: string;
  readonly peer: Peer | undefined;
  readonly judge: keyof typeof bothUnits;
  readonly timesFaster: number;
  readonly request: Request;
  /** Where the reference can't take the same request. */
  readonly itsRequest?: Request;
}

function duel(options: Duel): Bench[] {
  const { name, ours, reference, peer, judge, timesFaster, request, itsRequest = request } = options;
  if (!peer) return [];
  const sample = (server: Peer, work: Request) => async () => {
    const now = () => (judge === 'cpu' ? cpuMilliseconds(server.pid ?? 0) : performance.now());
    // Some answer before their bytes are on disk: they are not to get there while another is timed.
    execFileSync('sync');
    const start = now();
    await work(server);
    if (judge === 'cpu') await sleep(400);
    return ((now() - start) * 1024) / mebibytes;
  };
  return [
    {
      name,
      reference,
      unit: bothUnits[judge],
      rounds: 5,
      bar: { timesFaster },
      sampleOurs: sample(ours, request),
      sampleReference: sample(peer, itsRequest),
    },
  ];
}

const beside = (reference: string, peer: Peer | undefined, timesFaster: number) => {
  const shared = { ours: onDisk, reference, peer, timesFaster, judge: 'clock' } as const;
  return [
    ...duel({ ...shared, name: `PUT 512 MiB on disk, beside ${reference}`, request: put(plain) }),
    ...duel({ ...shared, name: `GET 512 MiB on disk, beside ${reference}`, request: get }),
  ];
};

const nginxDuel = { ours: inMemory, peer: nginx } as const;
const all: Bench[] = [
  ...duel({
    ...nginxDuel,
    name: 'PUT 512 MiB in memory, without checksum',
    reference: 'nginx DAV',
    judge: 'cpu',
    timesFaster: 0.7,
    request: put(plain),
  }),
  ...duel({
    ...nginxDuel,
    name: 'PUT 512 MiB in memory, CRC-32 in the trailer',
    reference: 'nginx DAV',
    judge: 'cpu',
    timesFaster: 0.6,
    request: put(trailer),
    itsRequest: put(plain),
  }),
  ...duel({
    ...nginxDuel,
    name: 'GET 512 MiB in memory',
    reference: 'nginx sendfile',
    judge: 'clock',
    timesFaster: 1.2,
    request: get,
  }),
  ...beside('s3rver', s3rver, 2),
  ...beside('Ceph RGW', rgw, 1),
];

async function close(): Promise<void> {
  for (const peer of [inMemory, onDisk, nginx, s3rver, rgw]) await peer?.stop();
  await rm(memory, { recursive: true });
  await rm(disk, { recursive: true });
}

export const benches = closedAtTheEnd(all, close);
