import { isWorthTelling, reportRun } from '../maintenance/report.ts';
import { runTask } from '../maintenance/run.ts';
import { type MaintenanceDeps, processTasks } from '../maintenance/tasks.ts';
import type { Log } from '../telemetry/log.ts';
import { repeat } from './repeat.ts';

export interface MaintenanceOptions extends Omit<MaintenanceDeps, 'atOnce'> {
  readonly log: Log;
}

/** Requests come first: a task has few of its own under way, and rests as long as it has worked. */
const pace = { budgetSeconds: 60, restShare: 1 };
const atOnce = 4;
const pauseSeconds = 10;

/**
 * Does in the process what has to be done from time to time, each task for itself.
 *
 * @returns stops it, behind the steps that are under way
 */
export function startMaintenance({ log, ...deps }: MaintenanceOptions): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stops = processTasks({ ...deps, atOnce }).map((task) =>
    repeat(
      async () => {
        const run = await runTask(task, deps, { ...pace, signal });
        if (isWorthTelling(run)) reportRun(log, run);
      },
      pauseSeconds,
      (error) => log('error', 'Maintenance cannot be told of', { error }),
    ),
  );
  return async () => {
    stopping.abort();
    await Promise.all(stops.map((stop) => stop()));
  };
}
