import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startInOwnNetwork } from './own-network.ts';
import { findProgram } from './programs.ts';

/**
 * AWS's DynamoDB Local 1.25, unpacked from the npm package that carries it. That is not installed, because it would
 * bring 280 others along.
 */
const carrier = {
  name: 'amplify-dynamodb-simulator',
  version: '2.9.30',
  sha512: 'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==',
};
const folder = resolve('node_modules/.cache', `${carrier.name}-${carrier.version}`);
const emulator = join(folder, 'package/emulator');
const innerPort = 8000;

export interface DynamoDbLocal {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts DynamoDB Local, empty and in memory.
 *
 * @returns undefined when the machine lacks what it needs, after telling so
 * @throws Error when it does and `CI=true`
 */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal | undefined> {
  const programs = ['java', 'unshare', 'ip'].map((name) => findProgram(name));
  if (programs.includes(undefined) || !isUnpacked()) return undefined;

  const { port, ended, stop } = await startInOwnNetwork(innerPort, 'java', [
    // It lives for seconds: to optimize its code, and to collect beside it, takes more than it saves.
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    `-Djava.library.path=${join(emulator, 'DynamoDBLocal_lib')}`,
    '-jar',
    join(emulator, 'DynamoDBLocal.jar'),
    '-port',
    String(innerPort),
    '-inMemory',
    // Else each access key and region has its own tables.
    '-sharedDb',
    '-disableTelemetry',
  ]);
  const endpoint = `http://127.0.0.1:${port}`;
  while (!(await answers(endpoint))) {
    if (ended()) throw new Error('DynamoDB Local has ended before it was ready.');
    await delay(50);
  }
  return { endpoint, stop };
}

/** Under `CI=true` it is unpacked now; elsewhere nobody is made to wait for 57 MB. */
function isUnpacked(): boolean {
  if (existsSync(folder)) return true;
  if (process.env['CI'] === 'true') {
    unpack();
    return true;
  }
  process.stderr.write('Skipped: DynamoDB Local is not unpacked; a run with CI=true fetches it\n');
  return false;
}

function unpack(): void {
  const { name, version, sha512 } = carrier;
  const temporary = mkdtempSync(join(tmpdir(), 'stowage-dynamodb-'));
  execFileSync('npm', ['pack', `${name}@${version}`, '--pack-destination', temporary], { stdio: 'ignore' });
  const archive = join(temporary, `${name}-${version}.tgz`);
  if (hash('sha512', readFileSync(archive), 'base64') !== sha512) {
    throw new Error(`${name}@${version} is not the one that is known here.`);
  }
  mkdirSync(dirname(folder), { recursive: true });
  const unpacked = mkdtempSync(`${folder}-`);
  execFileSync('tar', ['-xzf', archive, '-C', unpacked]);
  renameSync(unpacked, folder);
  rmSync(temporary, { recursive: true });
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(1000) });
    return true;
  } catch {
    return false;
  }
}
