import { type OverdueDeps, wakeOverdue } from '../webhooks/overdue.ts';
import type { Task } from './task.ts';

/** Wakes webhooks for which something is overdue, because a message was lost, or set aside, or a process killed. */
export function overdueWebhooks(deps: OverdueDeps): Task {
  return {
    name: 'overdue-webhooks',
    everySeconds: 60,
    step: async () => ({ counts: { woken: await wakeOverdue(deps) }, failures: [] }),
  };
}
