import { setTimeout as sleep } from 'node:timers/promises';
import type { Records } from '../records/port.ts';
import { advanced, isDue, isLocked, locked, overdueHours, readState, unlocked, writeState } from './state.ts';
import type { Task } from './task.ts';

export interface RunDeps {
  readonly records: Records;
  readonly now: () => Date;
}

export interface RunLimits {
  /** No step begins later than that. The first one always does. */
  readonly budgetSeconds: number;
  /** How long to rest after each step, as a share of what it has taken. Default: not at all. */
  readonly restShare?: number;
  /** Ends the run behind the step that is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** What became of a run. */
export interface Run {
  readonly task: string;
  /**
   * `ended`: with it the pass; `paused`: the next run goes on; `resting`: nothing is due; `locked`: another is at it, or has
   * taken over; `failed`: see `failures`, and the next run tries again from where it was.
   */
  readonly outcome: 'ended' | 'paused' | 'resting' | 'locked' | 'failed';
  /** What was done. */
  readonly counts: Readonly<Record<string, number>>;
  readonly failures: readonly unknown[];
  readonly seconds: number;
  /** For how long a pass has been due that has not ended. */
  readonly overdueHours: number;
}

/** Does a task for a while, where it is due and nobody else is at it. Never throws. */
export async function runTask(task: Task, deps: RunDeps, limits: RunLimits): Promise<Run> {
  const { records } = deps;
  const now = () => deps.now().getTime();
  const { budgetSeconds, restShare = 0, signal } = limits;
  // Not by the clock of the day, which may be set meanwhile.
  const startedAt = performance.now();
  const counts: Record<string, number> = {};
  const failures: unknown[] = [];
  const result = (outcome: Run['outcome'], overdue = 0): Run => {
    const seconds = (performance.now() - startedAt) / 1000;
    return { task: task.name, outcome, counts, failures, seconds, overdueHours: overdue };
  };

  let overdue = 0;
  try {
    const found = await readState(records, task, now());
    overdue = overdueHours(found, now());
    if (isLocked(found, now())) return result('locked', overdue);
    if (!isDue(found, task, now())) return result('resting');
    let state = await writeState(records, task, locked(found, now()));
    while (state) {
      const stepAt = performance.now();
      const step = await takeStep(task, state.cursor);
      if ('error' in step) {
        failures.push(step.error);
        await writeState(records, task, unlocked(state));
        return result('failed', overdue);
      }
      for (const [name, count] of Object.entries(step.counts)) counts[name] = (counts[name] ?? 0) + count;
      failures.push(...step.failures);
      const isAtEnd = step.next === undefined;
      const isOver = isAtEnd || signal?.aborted || performance.now() - startedAt >= budgetSeconds * 1000;
      const next = advanced(state, task, step, now());
      state = await writeState(records, task, isOver ? unlocked(next) : locked(next, now()));
      if (state && isOver) return isAtEnd ? result('ended') : result('paused', overdueHours(state, now()));
      const rest = (performance.now() - stepAt) * restShare;
      if (rest > 0) await sleep(rest, undefined, { signal, ref: false }).catch(() => undefined);
    }
    return result('locked', overdue);
  } catch (error) {
    failures.push(error);
    return result('failed', overdue);
  }
}

async function takeStep(task: Task, cursor: unknown) {
  try {
    return await task.step(cursor);
  } catch (error) {
    return { error };
  }
}
