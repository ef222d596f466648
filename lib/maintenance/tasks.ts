import type { Config } from '../config/schema.ts';
import type { SettleDeps } from '../usage/plan.ts';
import type { OverdueDeps } from '../webhooks/overdue.ts';
import { abandonedUploads } from './abandoned-uploads.ts';
import { expiredReservations } from './expired-reservations.ts';
import { overdueWebhooks } from './overdue-webhooks.ts';
import type { Task } from './task.ts';
import { usageReconciliation } from './usage-reconciliation.ts';

export interface MaintenanceDeps extends SettleDeps, OverdueDeps {
  readonly config: Config;
  /** So many requests to storage go on at once. */
  readonly atOnce: number;
}

/** What is done from time to time where storage is AWS's: its buckets have their rules from the template. */
export function awsTasks(deps: MaintenanceDeps): Task[] {
  return [expiredReservations(deps), overdueWebhooks(deps), usageReconciliation(deps)];
}

/** What is done from time to time where storage may be any other. */
export function processTasks(deps: MaintenanceDeps): Task[] {
  return [...awsTasks(deps), abandonedUploads(deps)];
}
