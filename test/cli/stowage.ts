import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/** `stowage` as a process of its own, as a shell runs it. */

export interface CliOptions {
  readonly url: string;
  readonly key?: string;
  /** Where it works; its state stays there, too. */
  readonly folder: string;
  readonly input?: string;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const script = resolve(import.meta.dirname, '../../functions/cli.ts');

export function startStowage(
  args: readonly string[],
  { url, key, folder, input = '' }: CliOptions,
): { child: ChildProcess; result: Promise<CliResult> } {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: {
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      XDG_STATE_HOME: `${folder}/.state`,
      STOWAGE_URL: url,
      ...(key !== undefined && { STOWAGE_KEY: key }),
    },
  });
  child.stdin.end(input);
  const ended = Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  const result = ended.then(([[code], stdout, stderr]) => ({ code, stdout, stderr }));
  return { child, result };
}

export function stowage(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return startStowage(args, options).result;
}
