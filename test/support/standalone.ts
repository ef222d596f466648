import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { rootKey } from './service.ts';

/** The standalone service as a process of its own, as `npm start` runs it. */
export interface StandaloneProcess {
  readonly apiUrl: string;
  readonly s3Url: string;
  /** All that it has printed so far. */
  readonly output: () => string;
  /** The most memory that it ever held (`VmHWM`). Linux only. */
  readonly peakMemoryBytes: () => number;
  /** Sends a signal and waits for the end. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

export interface StandaloneOptions {
  /** The folder that holds `functions/`. Default: this checkout. */
  readonly checkout?: string;
  readonly dataDir: string;
  /** Default: ports that the system chooses. */
  readonly apiPort?: number;
  readonly s3Port?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** @throws Error with what the process printed, when it ends before it is ready */
export async function startStandaloneProcess({
  checkout,
  dataDir,
  apiPort = 0,
  s3Port = 0,
  environment = {},
}: StandaloneOptions): Promise<StandaloneProcess> {
  const child = spawn(process.execPath, ['functions/standalone.ts'], {
    ...(checkout !== undefined && { cwd: checkout }),
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      STOWAGE_DATA_DIR: dataDir,
      STOWAGE_API_PORT: String(apiPort),
      STOWAGE_S3_PORT: String(s3Port),
      STOWAGE_ROOT_KEY: rootKey,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  await ready(child, () => output);
  return {
    apiUrl: addressAfter('API', output),
    s3Url: addressAfter('S3 endpoint', output),
    output: () => output,
    peakMemoryBytes: () => {
      const [, kibibytes = ''] =
        /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      return Number(kibibytes) * 1024;
    },
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      const [code] = await once(child, 'exit');
      return typeof code === 'number' ? code : null;
    },
  };
}

async function ready(child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!output().includes('Console')) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the service did not become ready:\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function addressAfter(label: string, output: string): string {
  const address = new RegExp(`${label}\\s+(\\S+)`).exec(output)?.[1];
  if (address === undefined) throw new Error(`no "${label}" in:\n${output}`);
  return address;
}
