import type { Records } from '../records/port.ts';
import type { Log } from '../telemetry/log.ts';
import { reportRun } from './report.ts';
import { runTask } from './run.ts';
import type { Task } from './task.ts';

export interface HandlerDeps {
  readonly tasks: readonly Task[];
  /** Figures of this hour, by their names in the log. */
  readonly measure: () => Promise<Readonly<Record<string, number>>>;
  readonly records: Records;
  readonly log: Log;
  readonly now: () => Date;
}

/** What Lambda gives along. */
export interface LambdaContext {
  readonly getRemainingTimeInMillis: () => number;
}

/** The last step of a run may take so long. */
const marginSeconds = 60;

/**
 * A Lambda handler for a schedule. Each task has an equal share of the time that the ones before have left; what it does not
 * finish, the next call goes on with.
 *
 * @returns rejected with everything that went wrong, after all was tried
 */
export function maintenanceHandler(
  deps: HandlerDeps,
): (event: unknown, context: LambdaContext) => Promise<void> {
  const { tasks, measure, log } = deps;
  return async (_, context) => {
    const leftSeconds = () => context.getRemainingTimeInMillis() / 1000 - marginSeconds;
    const failures: unknown[] = [];
    for (const [index, task] of tasks.entries()) {
      const budgetSeconds = leftSeconds() / (tasks.length - index);
      const run = await runTask(task, deps, { budgetSeconds });
      reportRun(log, run);
      failures.push(...run.failures);
    }
    try {
      log('info', 'Measured', await measure());
    } catch (error) {
      failures.push(error);
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Maintenance could not do everything.');
  };
}
