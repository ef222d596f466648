import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { dig, listAt, textsAt } from '../dig.ts';
import { placeOf } from '../finding.ts';
import { ownArn } from '../iam/resource-policies.ts';
import { drawnName } from '../names.ts';
import { propertiesOf } from '../resolve.ts';
import { eventTypes, metrics } from '../service-spec.ts';
import { each, type Invariant } from './invariant.ts';
import { documentedMetrics } from './documented-metrics.ts';

interface Subscription {
  readonly placed: Placed;
  readonly properties: Record<string, unknown>;
  readonly queue: Placed;
}

/** That events arrive: names that AWS really uses, and queues that wait for their functions. */
export const eventInvariants: Readonly<Record<string, Invariant>> = {
  'rules wait for events that AWS sends': each(['AWS::Events::Rule'], (properties) => {
    const types = textsAt(properties, 'EventPattern', 'detail-type');
    const unknown = textsAt(properties, 'EventPattern', 'source')
      .filter((source) => source.startsWith('aws.'))
      .flatMap((source) => types.map((type) => `${source} ${type}`))
      .filter((name) => !eventTypes.has(name));
    return unknown.length > 0 ? `nobody sends ${unknown.join(', ')}` : undefined;
  }),

  'alarms watch metrics that AWS has': each(['AWS::CloudWatch::Alarm'], (properties) => {
    const named = [
      properties,
      ...listAt(properties, 'Metrics').map((metric) => dig(metric, 'MetricStat', 'Metric')),
    ];
    const unknown = named
      .map((metric) => `${String(dig(metric, 'Namespace'))} ${String(dig(metric, 'MetricName'))}`)
      .filter((name) => name.startsWith('AWS/'))
      .filter((name) => !metrics.has(name) && !documentedMetrics.has(name));
    return unknown.length > 0 ? `there is no ${unknown.join(', ')}` : undefined;
  }),

  'an alarm of our own metric has a filter or a function that writes it': (cloud) => {
    const written = new Set(
      resourcesOf(cloud, 'AWS::Logs::MetricFilter').flatMap((placed) =>
        listAt(propertiesOf(placed, cloud), 'MetricTransformations').map(
          (one) => `${String(dig(one, 'MetricNamespace'))} ${String(dig(one, 'MetricName'))}`,
        ),
      ),
    );
    return resourcesOf(cloud, 'AWS::CloudWatch::Alarm').flatMap((placed) => {
      const properties = propertiesOf(placed, cloud);
      const name = `${String(dig(properties, 'Namespace'))} ${String(dig(properties, 'MetricName'))}`;
      const isOwn = /^(?!AWS\/|undefined)/.test(name);
      return isOwn && !written.has(name) ? [{ at: placeOf(placed), message: `nothing writes ${name}` }] : [];
    });
  },

  'every alarm tells somebody': (cloud) => {
    const watched = resourcesOf(cloud, 'AWS::CodeDeploy::DeploymentGroup').flatMap((placed) =>
      listAt(propertiesOf(placed, cloud), 'AlarmConfiguration', 'Alarms').map((alarm) => dig(alarm, 'Name')),
    );
    return resourcesOf(cloud, 'AWS::CloudWatch::Alarm')
      .filter((placed) => listAt(propertiesOf(placed, cloud), 'AlarmActions').length === 0)
      .filter((placed) => !watched.includes(drawnName(placed)))
      .map((placed) => ({ at: placeOf(placed), message: 'rings where nobody hears it' }));
  },

  'a queue hides a message for six times as long as its function may take': (cloud) =>
    subscriptions(cloud).flatMap(({ placed, properties, queue }) => {
      const seconds = Number(dig(propertiesOf(queue, cloud), 'VisibilityTimeout') ?? 30);
      const timeout = timeoutOf(String(properties['FunctionName']), cloud);
      const window = Number(properties['MaximumBatchingWindowInSeconds'] ?? 0);
      return seconds >= 6 * timeout + window
        ? []
        : [{ at: placeOf(placed), message: `${seconds} s are too few for a timeout of ${timeout} s` }];
    }),

  'one bad message does not hold up its batch': (cloud) =>
    subscriptions(cloud)
      .filter(
        ({ properties }) => !textsAt(properties, 'FunctionResponseTypes').includes('ReportBatchItemFailures'),
      )
      .map(({ placed }) => ({ at: placeOf(placed), message: 'fails or passes a batch as a whole' })),

  'what cannot be delivered is kept for a person': (cloud) =>
    subscriptions(cloud).flatMap(({ queue }) => {
      const properties = propertiesOf(queue, cloud);
      const target = textsAt(properties, 'RedrivePolicy', 'deadLetterTargetArn').at(0);
      const letters = resourcesOf(cloud, 'AWS::SQS::Queue').find((one) => ownArn(one, cloud) === target);
      if (!letters) return [{ at: placeOf(queue), message: 'has no dead-letter queue' }];
      const days = Number(dig(propertiesOf(letters, cloud), 'MessageRetentionPeriod') ?? 345_600) / 86_400;
      return days >= 14 ? [] : [{ at: placeOf(letters), message: `forgets after ${days} days` }];
    }),
};

function subscriptions(cloud: Cloud): Subscription[] {
  return resourcesOf(cloud, 'AWS::Lambda::EventSourceMapping').flatMap((placed) => {
    const properties = propertiesOf(placed, cloud);
    const queue = resourcesOf(cloud, 'AWS::SQS::Queue').find(
      (candidate) => ownArn(candidate, cloud) === properties['EventSourceArn'],
    );
    return queue ? [{ placed, properties, queue }] : [];
  });
}

/** @param name - a name or an ARN, of a function or of its alias */
function timeoutOf(name: string, cloud: Cloud): number {
  const [found] = resourcesOf(cloud, 'AWS::Lambda::Function').filter((placed) => {
    const arn = ownArn(placed, cloud);
    return name === arn || name.startsWith(`${arn}:`) || arn.endsWith(`:${name}`);
  });
  if (!found) throw new Error(`There is no function ${name}.`);
  return Number(dig(propertiesOf(found, cloud), 'Timeout') ?? 3);
}
