import type { Log } from '../telemetry/log.ts';
import type { Run } from './run.ts';

/** So many errors of a run are written down; all of them are counted. */
const failuresTold = 10;

/** Writes down what became of a run. In AWS the figures of that line become metrics. */
export function reportRun(log: Log, { counts, failures, seconds, overdueHours, ...run }: Run): void {
  for (const error of failures.slice(0, failuresTold)) {
    log('error', 'Maintenance could not do something', { task: run.task, error });
  }
  log(failures.length > 0 ? 'warn' : 'info', 'Maintenance', {
    ...run,
    ...counts,
    failures: failures.length,
    seconds: rounded(seconds),
    overdueHours: rounded(overdueHours),
  });
}

/** Was anything done, or gone wrong? */
export function isWorthTelling({ counts, failures }: Run): boolean {
  return failures.length > 0 || Object.values(counts).some((count) => count > 0);
}

function rounded(figure: number): number {
  return Math.round(figure * 1000) / 1000;
}
