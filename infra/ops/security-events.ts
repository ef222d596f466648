import { Duration } from 'aws-cdk-lib';
import { CfnMetricFilter, type LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import { type AlarmDefinition, metric, ownNamespace } from './alarm.ts';

interface SecurityEvent {
  readonly name: string;
  /** Where it is told: in the gateway's access log, or in the audit log, which the function writes beside its own. */
  readonly of: 'access' | 'api';
  /** As CloudWatch Logs selects lines of JSON. */
  readonly pattern: string;
  readonly says: string;
  /** In five minutes. */
  readonly above: number;
}

/** What in itself is nothing, and in numbers an attempt. */
const securityEvents: readonly SecurityEvent[] = [
  {
    name: 'AuthenticationFailures',
    of: 'access',
    pattern: '{ $.status = "401" }',
    says: 'Many requests come with credentials that are not valid.',
    above: 100,
  },
  {
    name: 'AccessRefusals',
    of: 'access',
    pattern: '{ $.status = "403" }',
    says: 'Many requests are for what their callers may not have.',
    above: 100,
  },
  {
    name: 'RateRefusals',
    of: 'access',
    pattern: '{ $.status = "429" }',
    says: 'Many requests are over what their callers may ask for.',
    above: 500,
  },
  {
    name: 'KeyChanges',
    of: 'api',
    pattern: '{ $.type = "audit" && $.decision = "allowed" && $.action = %/v1/keys% && $.action != "GET*" }',
    says: 'Many API keys are made, changed or deleted.',
    above: 20,
  },
  {
    name: 'ObjectDeletions',
    of: 'api',
    pattern:
      '{ $.type = "audit" && $.decision = "allowed" && ($.action = "DELETE /v1/objects*" || $.action = "POST /v1/objects/{bucket}/delete") }',
    says: 'Many objects are deleted.',
    above: 10_000,
  },
  {
    name: 'RootActs',
    of: 'api',
    pattern: '{ $.type = "audit" && $.decision = "allowed" && $.principal.kind = "root" }',
    says: 'The root key is in use; servers and people have their own.',
    above: 100,
  },
];

/** Counts them in the logs. */
export function addSecurityFilters(
  scope: Construct,
  stage: Stage,
  logs: Readonly<Record<SecurityEvent['of'], LogGroup>>,
): void {
  for (const { name, of, pattern } of securityEvents) {
    new CfnMetricFilter(scope, `Count${name}`, {
      logGroupName: logs[of].logGroupName,
      filterPattern: pattern,
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
