import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { findProgram } from '../support/programs.ts';

/** A server under measurement has a core of its own, where the machine has two and `taskset`. */
const taskset = availableParallelism() > 1 ? findProgram('taskset') : undefined;

/** The command that runs a program on the servers' core. */
export function onServerCore(command: string, args: readonly string[]): [string, string[]] {
  return taskset === undefined ? [command, [...args]] : [taskset, ['-c', '0', command, ...args]];
}

/** Keeps this process, which plays the client, off the servers' core. */
export function leaveServerCore(): void {
  if (taskset === undefined) return;
  execFileSync(taskset, ['-acp', `1-${availableParallelism() - 1}`, String(process.pid)]);
}

/** CPU time of a process, user and system, over all of its threads that still run. */
export function cpuMilliseconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1e6;
}
