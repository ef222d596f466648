import type { Config } from '../config/schema.ts';
import type { SettleDeps } from '../usage/settle.ts';
import { abandonedUploads } from './abandoned-uploads.ts';
import { expiredReservations } from './expired-reservations.ts';
import type { Task } from './task.ts';
import { usageReconciliation } from './usage-reconciliation.ts';

export interface MaintenanceDeps extends SettleDeps {
  readonly config: Config;
  /** So many requests to storage go on at once. */
  readonly atOnce: number;
}

/** All that is done from time to time, the same in the process and in AWS: a line each. */
export function maintenanceTasks(deps: MaintenanceDeps): Task[] {
  return [expiredReservations(deps), abandonedUploads(deps), usageReconciliation(deps)];
}
