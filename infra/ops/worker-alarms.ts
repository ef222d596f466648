import { Duration } from 'aws-cdk-lib';
import type { Config } from '../../lib/config/schema.ts';
import { rotationDays } from '../events/rotate-secret.ts';
import type { Worker } from '../events/worker.ts';
import type { WorkerEntry } from '../events/workers.ts';
import type { Stage } from '../stages.ts';
import { type AlarmDefinition, metric, ownNamespace } from './alarm.ts';

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
    ...(workers.has('maintenance') ? ageAlarms(stage, rotationDays(config) + 5) : []),
  ];
}

function errorAlarms(entry: WorkerEntry, { function: { functionName } }: Worker): AlarmDefinition[] {
  return [
    {
      id: `WorkerErrors-${entry}`,
      says: `The function "${entry}" fails.`,
      metric: metric('AWS/Lambda', 'Errors', { FunctionName: functionName }),
      above: 0,
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

/** What the maintenance function measures, once an hour. */
export const ownMetrics = {
  daysSinceRotation: 'DaysSinceRotation',
  restoreTestAgeDays: 'RestoreTestAgeDays',
  storageQuotaUsedPercent: 'StorageQuotaUsedPercent',
} as const;

function ageAlarms(stage: Stage, oldestSecretDays: number): AlarmDefinition[] {
  const hourly = (name: string) =>
    metric(ownNamespace(stage), name, {}, { statistic: 'Maximum', period: Duration.hours(1) });
  return [
    {
      id: 'RotationAge',
      says: `The signing secret has not been made anew for more than ${oldestSecretDays} days.`,
      metric: hourly(ownMetrics.daysSinceRotation),
      above: oldestSecretDays,
      periods: [1, 1],
    },
    {
      id: 'RestoreTestAge',
      says: 'For more than 35 days nobody has tried whether a backup can be restored.',
      metric: hourly(ownMetrics.restoreTestAgeDays),
      above: 35,
      periods: [1, 1],
    },
    {
      id: 'StorageQuota',
      says: 'A tenant has used more than 80 % of its storage.',
      metric: hourly(ownMetrics.storageQuotaUsedPercent),
      above: 80,
      periods: [1, 1],
    },
  ];
}
