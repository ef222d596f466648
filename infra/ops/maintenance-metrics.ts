import { Duration } from 'aws-cdk-lib';
import { CfnMetricFilter, type LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import { type AlarmDefinition, metric, ownNamespace } from './alarm.ts';

interface Figure {
  readonly name: string;
  /** The lines of the function's log that have it. */
  readonly message: 'Maintenance' | 'Measured';
  /** Where it stands there. */
  readonly field: string;
}

/** What the maintenance function tells of itself, a line for each task, and what it measures, once an hour. */
const figures = {
  overdueHours: { name: 'MaintenanceOverdueHours', message: 'Maintenance', field: 'overdueHours' },
  failures: { name: 'MaintenanceFailures', message: 'Maintenance', field: 'failures' },
  settled: { name: 'ReservationsSettled', message: 'Maintenance', field: 'settled' },
  driftBytes: { name: 'UsageDriftBytes', message: 'Maintenance', field: 'driftBytes' },
  daysSinceRotation: { name: 'DaysSinceRotation', message: 'Measured', field: 'daysSinceRotation' },
  storageQuotaUsedPercent: {
    name: 'StorageQuotaUsedPercent',
    message: 'Measured',
    field: 'storageQuotaUsedPercent',
  },
} as const satisfies Readonly<Record<string, Figure>>;

/** Makes metrics of the figures in its log. */
export function addMaintenanceFilters(scope: Construct, stage: Stage, { logGroupName }: LogGroup): void {
  for (const { name, message, field } of Object.values<Figure>(figures)) {
    new CfnMetricFilter(scope, `Measure${name}`, {
      logGroupName,
      filterPattern: `{ $.message = "${message}" && $.${field} = * }`,
      metricTransformations: [
        { metricNamespace: ownNamespace(stage), metricName: name, metricValue: `$.${field}` },
      ],
    });
  }
}

export function maintenanceAlarms(stage: Stage, oldestSecretDays: number): AlarmDefinition[] {
  const hourly = ({ name }: Figure) =>
    metric(ownNamespace(stage), name, {}, { statistic: 'Maximum', period: Duration.hours(1) });
  return [
    {
      id: 'MaintenanceOverdue',
      says: 'What is to be done from time to time has been due for more than a day, and has not come to its end.',
      metric: hourly(figures.overdueHours),
      above: 24,
      periods: [1, 1],
    },
    {
      id: 'RotationAge',
      says: `The signing secret has not been made anew for more than ${oldestSecretDays} days.`,
      metric: hourly(figures.daysSinceRotation),
      above: oldestSecretDays,
      periods: [1, 1],
    },
    {
      id: 'StorageQuota',
      says: 'A tenant has used more than 80 % of its storage.',
      metric: hourly(figures.storageQuotaUsedPercent),
      above: 80,
      periods: [1, 1],
    },
  ];
}
