import { spawn, spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';

/** The inner half of `own-network.ts`: `node own-network-process.ts SOCKET PORT PROGRAM ARGUMENTS…`. */
const [socketPath = '', port = '', program = '', ...args] = process.argv.slice(2);

const loopback = spawnSync('ip', ['link', 'set', 'lo', 'up'], { encoding: 'utf8' });
if (loopback.status !== 0) throw new Error(`no loopback: ${loopback.stderr}`);

const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.on('exit', (code) => process.exit(code ?? 1));
// Whoever started this has ended, however that came.
process.stdin.resume().on('end', () => child.kill('SIGKILL'));

createServer((outside) => {
  const inside = connect(Number(port), '127.0.0.1');
  outside.pipe(inside).pipe(outside);
  outside.on('error', () => inside.destroy());
  inside.on('error', () => outside.destroy());
}).listen(socketPath);
