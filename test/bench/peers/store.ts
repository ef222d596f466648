import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { credentials, masterKey } from '../../embedded/server.ts';
import { onServerCore } from '../pinning.ts';
import { type Peer, signedHead } from './peer.ts';
import { end } from './processes.ts';

/**
 * The embedded store, in a process of its own.
 *
 * @param onOneCore - whether it may use just the servers' core
 * @param encrypts - whether it has a master key; default: none
 */
export async function startOurs(
  dataDir: string,
  { onOneCore, encrypts = false }: { onOneCore: boolean; encrypts?: boolean },
): Promise<Peer> {
  const program: [string, string[]] = [
    process.execPath,
    [join(import.meta.dirname, 'store-process.ts'), dataDir, ...(encrypts ? [masterKey.text] : [])],
  ];
  const [command, args] = onOneCore ? onServerCore(...program) : program;
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const port = Number(new URL(String(line).trim()).port);
  return {
    port,
    ...(child.pid !== undefined && { pid: child.pid }),
    head: (request) => signedHead(port, credentials, request),
    stop: () => end(child),
  };
}
