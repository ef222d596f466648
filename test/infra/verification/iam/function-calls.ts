import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { dig, textsAt } from '../dig.ts';
import { propertiesOf } from '../resolve.ts';
import type { LocalCall } from './platform-calls.ts';
import { ownArn } from './resource-policies.ts';

/** What Lambda itself calls in the name of a function's role. */
export function functionCalls(user: Placed, cloud: Cloud): LocalCall[] {
  const properties = propertiesOf(user, cloud);
  return [
    ...loggingCalls(properties, user),
    ...(dig(properties, 'TracingConfig', 'Mode') === 'Active' ? everywhere(tracingActions) : []),
    ...(dig(properties, 'VpcConfig') === undefined ? [] : everywhere(networkActions)),
    ...queueCalls(user, cloud),
  ];
}

const tracingActions = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
const networkActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

function everywhere(actions: readonly string[]): LocalCall[] {
  return actions.map((action) => ({ action, resource: '*' }));
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html */
function loggingCalls(properties: Record<string, unknown>, { stack }: Placed): LocalCall[] {
  return textsAt(properties, 'LoggingConfig', 'LogGroup').flatMap((group) =>
    ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
      action,
      resource: `arn:aws:logs:${stack.region}:${stack.account}:log-group:${group}:log-stream:one`,
    })),
  );
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
function queueCalls(user: Placed, cloud: Cloud): LocalCall[] {
  const arn = ownArn(user, cloud);
  return resourcesOf(cloud, 'AWS::Lambda::EventSourceMapping')
    .map((mapping) => propertiesOf(mapping, cloud))
    .filter(({ FunctionName }) => {
      const name = String(FunctionName);
      return name === arn || name.startsWith(`${arn}:`) || arn.endsWith(`:${name}`);
    })
    .flatMap((properties) =>
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'].map((action) => ({
        action,
        resource: String(properties['EventSourceArn']),
      })),
    );
}
