import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ProgramInOwnNetwork {
  /** Of 127.0.0.1. */
  readonly port: number;
  readonly ended: () => boolean;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a server that cannot be told to listen on loopback alone in a network namespace, where nobody reaches it, and
 * opens a port of 127.0.0.1 that leads to it. Needs Linux and the programs `unshare` and `ip`.
 *
 * @param innerPort - where the server listens in there
 */
export async function startInOwnNetwork(
  innerPort: number,
  program: string,
  args: readonly string[],
): Promise<ProgramInOwnNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-network-'));
  // A Unix socket is a file, and files are not of a network.
  const socketPath = join(folder, 'socket');
  const inside = [
    join(import.meta.dirname, 'own-network-process.ts'),
    socketPath,
    String(innerPort),
    program,
  ];
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const child = spawn('unshare', ['--net', ...asRoot, process.execPath, ...inside, ...args], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');

  const relay = createServer((outside) => {
    const inner = connect(socketPath);
    outside.pipe(inner).pipe(outside);
    outside.on('error', () => inner.destroy());
    inner.on('error', () => outside.destroy());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const address = relay.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    stop: async () => {
      relay.close();
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
