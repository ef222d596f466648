import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  PeriodOverride,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { Service } from '../api/service.ts';
import type { StoredData } from '../data/stored-data.ts';
import type { Worker } from '../events/worker.ts';
import type { WorkerEntry } from '../events/workers.ts';
import type { Stage } from '../stages.ts';
import { metric } from './alarm.ts';
import { apiMetric } from './service-alarms.ts';

export interface DashboardProps {
  readonly stage: Stage;
  readonly service: Service;
  readonly data: StoredData;
  readonly workers: ReadonlyMap<WorkerEntry, Worker>;
  readonly alarms: readonly Alarm[];
}

/** What is the matter, what callers notice, what lies behind it, and what has piled up: from top to bottom. */
export function addDashboard(scope: Construct, { stage, alarms, ...parts }: DashboardProps): void {
  new Dashboard(scope, 'Dashboard', {
    dashboardName: `Stowage-${stage.name}`,
    defaultInterval: Duration.hours(6),
    periodOverride: PeriodOverride.AUTO,
    widgets: [
      [
        new TextWidget({
          markdown: `# Stowage ${stage.name}\nWhat to do when an alarm goes off: \`infra/ops/RUNBOOK.md\``,
          width: 24,
          height: 2,
        }),
      ],
      [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 4 })],
      requestWidgets(parts.service),
      functionWidgets(parts.service),
      dataWidgets(parts.data),
      [...parts.workers].flatMap(([entry, worker]) => queueWidgets(entry, worker)),
    ],
  });
}

function requestWidgets({ frontDoor }: Service): IWidget[] {
  const { clientErrors, serverErrors } = frontDoor.metrics;
  return [
    graph('Requests', [apiMetric(frontDoor, 'Count')]),
    graph('Refused and failed', [apiMetric(frontDoor, clientErrors), apiMetric(frontDoor, serverErrors)]),
    graph(
      'How long they take (ms)',
      ['p50', 'p90', 'p99'].map((share) => apiMetric(frontDoor, 'Latency', share).with({ label: share })),
    ),
  ];
}

function functionWidgets({ function: { functionName } }: Service): IWidget[] {
  const ofFunction = (name: string, statistic = 'Sum') =>
    metric('AWS/Lambda', name, { FunctionName: functionName }, { statistic });
  return [
    graph('The function at work', [ofFunction('ConcurrentExecutions', 'Maximum')]),
    graph('Its faults', [ofFunction('Errors'), ofFunction('Throttles')]),
    graph('Its time (ms)', [ofFunction('Duration', 'p50'), ofFunction('Duration', 'p99')]),
  ];
}

function dataWidgets({ buckets, table }: DashboardProps['data']): IWidget[] {
  const daily = (name: string, StorageType: string) =>
    [...buckets].map(
      ([label, { bucketName }]) =>
        new Metric({
          namespace: 'AWS/S3',
          metricName: name,
          dimensionsMap: { BucketName: bucketName, StorageType },
          period: Duration.days(1),
          statistic: 'Average',
          label,
        }),
    );
  const capacity = (name: string) => metric('AWS/DynamoDB', name, { TableName: table.tableName });
  return [
    graph('Bytes kept (standard class)', daily('BucketSizeBytes', 'StandardStorage')),
    graph('Objects kept', daily('NumberOfObjects', 'AllStorageTypes')),
    graph('Records read and written', [
      capacity('ConsumedReadCapacityUnits'),
      capacity('ConsumedWriteCapacityUnits'),
    ]),
  ];
}

function queueWidgets(entry: WorkerEntry, { queue }: Worker): IWidget[] {
  if (!queue) return [];
  const ofQueue = (name: string, { queueName }: { readonly queueName: string }, label: string) =>
    metric('AWS/SQS', name, { QueueName: queueName }, { statistic: 'Maximum' }).with({ label });
  return [
    graph(`Waiting for ${entry}`, [
      ofQueue('ApproximateNumberOfMessagesVisible', queue.queue, 'messages'),
      ofQueue('ApproximateNumberOfMessagesVisible', queue.deadLetters, 'set aside'),
      ofQueue('ApproximateAgeOfOldestMessage', queue.queue, 'oldest (s)'),
    ]),
  ];
}

function graph(title: string, left: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, left: [...left], width: 8, height: 6, leftYAxis: { min: 0 } });
}
