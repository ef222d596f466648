import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** When somebody is to be told. What to do then stands in `RUNBOOK.md` under the id. */
export interface AlarmDefinition {
  readonly id: string;
  /** What is the matter, in a sentence. */
  readonly says: string;
  readonly metric: IMetric;
  /** It goes off above this figure. */
  readonly above: number;
  /** How many of the last periods must be so. Default: 2 of 3. */
  readonly periods?: readonly [breaching: number, of: number];
}

/** The period of every alarm that names no other. */
export const minute = Duration.minutes(1);

/** A figure that an AWS service keeps, or that the service itself does. By default its sum over a minute. */
export function metric(
  namespace: string,
  metricName: string,
  dimensionsMap: Readonly<Record<string, string>>,
  { statistic = 'Sum', period = minute }: { readonly statistic?: string; readonly period?: Duration } = {},
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap: { ...dimensionsMap }, statistic, period });
}

/** Where the figures of the service itself are kept. */
export function ownNamespace(stage: { readonly name: string }): string {
  return `Stowage/${stage.name}`;
}

export function addAlarm(scope: Construct, topic: ITopic, definition: AlarmDefinition): Alarm {
  const { id, says, metric, above, periods: [breaching, of] = [2, 3] } = definition;
  const alarm = new Alarm(scope, id, {
    alarmDescription: `${says} What to do: infra/ops/RUNBOOK.md, "${id}".`,
    metric,
    threshold: above,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    datapointsToAlarm: breaching,
    evaluationPeriods: of,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  const action = new SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  return alarm;
}
