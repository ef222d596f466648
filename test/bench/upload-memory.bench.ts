import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './harness.ts';
import { plainBody } from './peers/bodies.ts';
import { startOurs } from './peers/store.ts';
import { openConnection } from './wire.ts';

/** The memory of a store that 64 clients send bodies of 1 GiB to, at the same time. */

const uploads = 64;
/** Of each body's 1,024: all at once lie on the disk, and 16 GiB are what most disks have to spare. */
const sentMebibytes = 256;
const announced = plainBody(1024).contentBytes;
const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-'));

/** @returns the most memory that the store has ever held, resident, in MiB */
async function peakMebibytes(): Promise<number> {
  const store = await startOurs(folder, { onOneCore: false });
  await Promise.all(
    Array.from({ length: uploads }, async (_, upload) => {
      const connection = await openConnection(store.port);
      const head = store.head({ method: 'PUT', key: `${upload}`, contentBytes: announced });
      await new Promise<void>((resolve, reject) => {
        connection.exchange(head, signalledAtTheEnd(resolve)).catch(reject);
      });
      connection.close();
    }),
  );
  const status = readFileSync(`/proc/${store.pid ?? 0}/status`, 'utf8');
  await store.stop();
  return Number(/VmHWM:\s*(?<kibibytes>\d+)/.exec(status)?.groups?.['kibibytes']) / 1024;
}

function* signalledAtTheEnd(signal: () => void): Generator<Buffer> {
  yield* plainBody(sentMebibytes).pieces();
  signal();
}

let peak: Promise<number> | undefined;

export const benches: readonly Bench[] = [
  {
    name: 'memory of 64 concurrent uploads of 1 GiB',
    reference: 'none',
    unit: 'MiB at the peak',
    rounds: 1,
    bar: { atMostMore: 200 },
    // Every round has a process of its own: none has to be warm.
    sampleOurs: () => (peak ??= peakMebibytes()),
    sampleReference: async () => 0,
    close: () => rm(folder, { recursive: true }),
  },
];
