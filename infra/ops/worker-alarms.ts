import type { Config } from '../../lib/config/schema.ts';
import { rotationDays } from '../events/rotate-secret.ts';
import type { Worker } from '../events/worker.ts';
import type { WorkerEntry } from '../events/workers.ts';
import type { Stage } from '../stages.ts';
import { type AlarmDefinition, metric } from './alarm.ts';
import { maintenanceAlarms } from './maintenance-metrics.ts';

/** Of the functions that work without being asked over HTTP, for those that there are. */
export function workerAlarms(
  stage: Stage,
  config: Config,
  workers: ReadonlyMap<WorkerEntry, Worker>,
): AlarmDefinition[] {
  return [
    ...[...workers].flatMap(([entry, worker]) => [
      ...errorAlarms(entry, worker),
      ...queueAlarms(entry, worker),
      ...ruleAlarms(entry, worker),
    ]),
    ...(workers.has('maintenance') ? maintenanceAlarms(stage, rotationDays(config) + 5) : []),
  ];
}

function errorAlarms(entry: WorkerEntry, { function: { functionName }, queue }: Worker): AlarmDefinition[] {
  return [
    {
      id: `WorkerErrors-${entry}`,
      says: `The function "${entry}" fails.`,
      metric: metric('AWS/Lambda', 'Errors', { FunctionName: functionName }),
      above: 0,
      // What runs on a schedule fails once, and not again within minutes.
      ...(!queue && { periods: [1, 1] as const }),
    },
  ];
}

function queueAlarms(entry: WorkerEntry, { queue }: Worker): AlarmDefinition[] {
  if (!queue) return [];
  return [
    {
      id: `QueueAge-${entry}`,
      says: `Work for the function "${entry}" has waited for more than five minutes.`,
      metric: metric(
        'AWS/SQS',
        'ApproximateAgeOfOldestMessage',
        { QueueName: queue.queue.queueName },
        { statistic: 'Maximum' },
      ),
      above: 300,
    },
    {
      id: `DeadLetters-${entry}`,
      says: `The function "${entry}" could not do a piece of work, which was set aside.`,
      metric: metric(
        'AWS/SQS',
        'ApproximateNumberOfMessagesVisible',
        { QueueName: queue.deadLetters.queueName },
        { statistic: 'Maximum' },
      ),
      above: 0,
      periods: [1, 1],
    },
  ];
}

function ruleAlarms(entry: WorkerEntry, { ruleName }: Worker): AlarmDefinition[] {
  if (ruleName === undefined) return [];
  return [
    {
      id: `EventsNotDelivered-${entry}`,
      says: `EventBridge could not hand changes in the buckets on to the function "${entry}".`,
      metric: metric('AWS/Events', 'FailedInvocations', { RuleName: ruleName }),
      above: 0,
    },
  ];
}
