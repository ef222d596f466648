import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Peer, signedHead } from './peer.ts';
import { freePort, startServer } from './processes.ts';

/** Fetched when a bench asks for it: it is not maintained, and brings a hundred packages. */
const packages = ['exec', '--yes', '--package=s3rver@3.7.1', '--prefix', tmpdir(), '--'] as const;
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** s3rver, a fake S3 server of npm's; nothing where it can't be fetched. It syncs nothing to disk. */
export async function startS3rver(folder: string): Promise<Peer | undefined> {
  const found = spawnSync('npm', [...packages, 'which', 's3rver'], { encoding: 'utf8' });
  const program = found.stdout.trim();
  if (found.status !== 0 || program === '') {
    process.stderr.write('Skipped: s3rver could not be fetched from the npm registry\n');
    return undefined;
  }
  const port = await freePort();
  const options = ['--directory', join(folder, 's3rver'), '--address', '127.0.0.1', '--port', String(port)];
  const { pid, stop } = await startServer(
    process.execPath,
    [program, ...options, '--silent', '--configure-bucket', 'files'],
    port,
  );
  return { port, pid, head: (request) => signedHead(port, credentials, request), stop };
}
