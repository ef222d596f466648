import { Duration } from 'aws-cdk-lib';
import { CfnMetricFilter, type LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import { type AlarmDefinition, metric, ownNamespace } from './alarm.ts';

interface SecurityEvent {
  readonly name: string;
  /** Of the answer, in the access log. */
  readonly status: number;
  readonly says: string;
  /** In five minutes. */
  readonly above: number;
}

/** What in itself is nothing, and in numbers an attempt. */
const securityEvents: readonly SecurityEvent[] = [
  {
    name: 'AuthenticationFailures',
    status: 401,
    says: 'Many requests come with credentials that are not valid.',
    above: 100,
  },
  {
    name: 'AccessRefusals',
    status: 403,
    says: 'Many requests are for what their callers may not have.',
    above: 100,
  },
  {
    name: 'RateRefusals',
    status: 429,
    says: 'Many requests are over what their callers may ask for.',
    above: 500,
  },
];

/** Counts them in the access log. */
export function addSecurityFilters(scope: Construct, stage: Stage, accessLogs: LogGroup): void {
  for (const { name, status } of securityEvents) {
    new CfnMetricFilter(scope, `Count${name}`, {
      logGroupName: accessLogs.logGroupName,
      filterPattern: `{ $.status = "${status}" }`,
      metricTransformations: [
        { metricNamespace: ownNamespace(stage), metricName: name, metricValue: '1', defaultValue: 0 },
      ],
    });
  }
}

export function securityAlarms(stage: Stage): AlarmDefinition[] {
  return securityEvents.map(({ name, says, above }) => ({
    id: name,
    says,
    metric: metric(ownNamespace(stage), name, {}, { period: Duration.minutes(5) }),
    above,
    periods: [1, 1],
  }));
}
