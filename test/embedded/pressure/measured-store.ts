import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { S3Target } from '../acceptance/target.ts';
import { credentials, region } from '../server.ts';

/** A store whose memory can be measured. */
export interface MeasuredStore extends S3Target {
  /** The most that the process has ever held: resident, with everything in it. Linux only; elsewhere 0. */
  readonly peakBytes: () => number;
}

export async function startMeasuredStore(): Promise<MeasuredStore> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'store-process.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = await once(child.stdout, 'data');
  return {
    endpoint: String(line).trim(),
    region,
    credentials,
    peakBytes: () => {
      if (process.platform !== 'linux') return 0;
      const { peak } =
        /^VmHWM:\s+(?<peak>\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.groups ?? {};
      return Number(peak) * 1024;
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
