import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../../support/programs.ts';
import { onServerCore } from '../pinning.ts';
import { type Peer, plainHead } from './peer.ts';
import { freePort, startServer } from './processes.ts';

const nginx = findProgram('nginx');

/** nginx as a file server that takes PUT (DAV), with one process; nothing where the machine has none. */
export async function startNginx(folder: string): Promise<Peer | undefined> {
  if (nginx === undefined) return undefined;
  const port = await freePort();
  for (const name of ['logs', 'temp', 'root', 'root/files'])
    await mkdir(join(folder, name), { recursive: true });
  const configuration = join(folder, 'nginx.conf');
  await writeFile(
    configuration,
    `daemon off; master_process off; user root; pid nginx.pid; error_log stderr;
     events { worker_connections 256; }
     http {
       access_log off; sendfile on; keepalive_requests 1000000;
       client_max_body_size 0; client_body_buffer_size 1m; client_body_temp_path temp;
       server {
         listen 127.0.0.1:${port};
         root root;
         location / { dav_methods PUT; create_full_put_path on; }
       }
     }`,
  );
  const { pid, stop } = await startServer(...onServerCore(nginx, ['-p', folder, '-c', configuration]), port);
  return { port, pid, head: (request) => plainHead(port, request), stop };
}
