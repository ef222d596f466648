import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { FrontDoor } from '../api/front-door.ts';
import type { Service } from '../api/service.ts';
import { type AlarmDefinition, metric, minute } from './alarm.ts';

/** Below so many requests a minute, a share of them says nothing. */
const fewRequests = 5;

/** Of what callers notice: faults, refusals, waiting. */
export function frontDoorAlarms(frontDoor: FrontDoor): AlarmDefinition[] {
  return [
    {
      id: 'ApiServerErrors',
      says: 'More than 1 % of the requests end in a 5xx.',
      metric: shareOfRequests(frontDoor, frontDoor.metrics.serverErrors),
      above: 1,
    },
    {
      id: 'ApiClientErrors',
      says: 'More than 5 % of the requests end in a 4xx.',
      metric: shareOfRequests(frontDoor, frontDoor.metrics.clientErrors),
      above: 5,
      periods: [5, 5],
    },
    {
      id: 'ApiLatency',
      says: 'One request in a hundred takes longer than 2.5 s.',
      metric: apiMetric(frontDoor, 'Latency', 'p99'),
      above: 2_500,
      periods: [5, 5],
    },
  ];
}

/** Of the function behind it, as its alias is called. */
export function functionAlarms({ function: { functionName, timeout } }: Service): AlarmDefinition[] {
  const alias = { FunctionName: functionName, Resource: `${functionName}:live` };
  const timeoutMilliseconds = timeout?.toMilliseconds() ?? 0;
  return [
    {
      id: 'FunctionErrors',
      says: 'More than 1 % of the calls of the API function fail.',
      metric: new MathExpression({
        label: 'failed calls (%)',
        expression: 'IF(calls > 0, 100 * errors / calls, 0)',
        usingMetrics: {
          errors: metric('AWS/Lambda', 'Errors', alias),
          calls: metric('AWS/Lambda', 'Invocations', alias),
        },
        period: minute,
      }),
      above: 1,
    },
    {
      id: 'FunctionThrottles',
      says: 'Lambda turns calls of the API function away.',
      metric: metric('AWS/Lambda', 'Throttles', alias),
      above: 0,
    },
    {
      id: 'FunctionDuration',
      says: 'One call in a hundred takes more than 80 % of the time that the API function has.',
      metric: metric('AWS/Lambda', 'Duration', alias, { statistic: 'p99' }),
      above: 0.8 * timeoutMilliseconds,
    },
    {
      id: 'AccountConcurrency',
      says: 'All functions of the account together run at more than 80 % of what it may run at once.',
      metric: new MathExpression({
        label: 'concurrency (%)',
        expression: '100 * running / SERVICE_QUOTA(running)',
        usingMetrics: {
          running: metric(
            'AWS/Usage',
            'ResourceCount',
            { Service: 'Lambda', Type: 'Resource', Resource: 'ConcurrentExecutions', Class: 'None' },
            { statistic: 'Maximum' },
          ),
        },
        period: minute,
      }),
      above: 80,
    },
  ];
}

export function apiMetric({ metrics }: FrontDoor, name: string, statistic = 'Sum') {
  return metric('AWS/ApiGateway', name, metrics.dimensions, { statistic });
}

function shareOfRequests(frontDoor: FrontDoor, name: string): MathExpression {
  return new MathExpression({
    label: `${name} (%)`,
    expression: `IF(requests >= ${fewRequests}, 100 * found / requests, 0)`,
    usingMetrics: { found: apiMetric(frontDoor, name), requests: apiMetric(frontDoor, 'Count') },
    period: minute,
  });
}
