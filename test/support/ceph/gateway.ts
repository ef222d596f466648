import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { S3Target } from '../../embedded/acceptance/target.ts';

/** Where `install.sh` has put Ceph. */
const root = process.env['CEPH_ROOT'] ?? join(homedir(), '.cache/stowage/ceph');

/**
 * Is there a Ceph to compare with? Told by name where there is none.
 *
 * @throws Error when it is absent and `CI=true`, since then nothing may be skipped
 */
export function hasCeph(): boolean {
  if (existsSync(join(root, 'complete'))) return true;
  const message = 'Ceph is not here: test/support/ceph/install.sh unpacks it';
  if (process.env['CI'] === 'true') throw new Error(message);
  process.stderr.write(`Skipped: ${message}\n`);
  return false;
}

/**
 * Starts a cluster of its own with an S3 gateway on a free port of 127.0.0.1. Needs Linux and root.
 *
 * @param onDisk - whether it stores as in production. Default: in memory, which starts sooner and waits for nothing
 */
export async function startCephGateway({ onDisk = false } = {}): Promise<S3Target> {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-ceph-'));
  const [s3Port, monitorPort] = await Promise.all([freePort(), freePort()]);
  const credentials = { accessKeyId: 'STOWAGETESTCEPH00000', secretAccessKey: 'only-for-tests' };
  const script = join(import.meta.dirname, 'gateway.sh');
  const store = onDisk ? 'bluestore' : 'memstore';
  const settings = [root, folder, String(s3Port), String(monitorPort), ...Object.values(credentials), store];
  const child = spawn('unshare', ['--mount', '--pid', '--fork', '--kill-child', script, ...settings], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.stdin.end();
    await ended;
    rmSync(folder, { recursive: true });
  };
  const isReady = once(createInterface(child.stdout), 'line');
  await Promise.race([isReady, ended]);
  if (child.exitCode !== null) {
    await stop();
    throw new Error('Ceph did not start.');
  }
  return { endpoint: `http://127.0.0.1:${s3Port}`, region: 'us-east-1', credentials, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
