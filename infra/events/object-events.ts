import { Aws, Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { bucketConnection, queueConnection, recordsConnection } from '../lambda/connections.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import { WorkQueue } from './work-queue.ts';
import type { Worker, WorkerContext } from './worker.ts';

/** What S3 tells of a bucket, as far as the service acts on it. Expiry by a lifecycle rule is a deletion, too. */
const detailTypes = [
  'Object Created',
  'Object Deleted',
  'Object Restore Initiated',
  'Object Restore Completed',
  'Object Restore Expired',
  'Object Storage Class Changed',
  'Object Tags Added',
  'Object Tags Deleted',
];

/** Every change in a bucket: S3 → EventBridge → queue → function. */
export function objectEvents(scope: Construct, context: WorkerContext): Worker {
  const { data, deliveries } = context;
  const timeout = Duration.minutes(1);
  const worker = new ServiceFunction(scope, 'ObjectEvents', {
    ...context,
    entry: 'object-events',
    description: 'Confirms uploads, counts, and tells whoever wants to know of a change',
    memoryMegabytes: 512,
    timeout,
  });
  worker.connect(bucketConnection(scope, data.buckets, data.encryptionKey));
  worker.connect(recordsConnection(data.table, data.encryptionKey));
  if (deliveries) worker.connect(queueConnection('STOWAGE_DELIVERY_QUEUE_URL', deliveries.queue));

  const queue = new WorkQueue(scope, 'ObjectEventQueue', { functionTimeout: timeout });
  queue.workedOnBy(worker, { batchSize: 10, maxConcurrency: 20 });
  const rule = new CfnRule(scope, 'ObjectEventRule', {
    description: 'Changes in the buckets of Stowage',
    eventPattern: {
      source: ['aws.s3'],
      'detail-type': detailTypes,
      detail: { bucket: { name: [...data.buckets.values()].map(({ bucketName }) => bucketName) } },
    },
    targets: [
      {
        id: 'Queue',
        arn: queue.queue.queueArn,
        deadLetterConfig: { arn: queue.deadLetters.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: Duration.days(1).toSeconds(), maximumRetryAttempts: 185 },
      },
    ],
  });
  for (const target of [queue.queue, queue.deadLetters]) {
    target.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [target.queueArn],
        conditions: {
          ArnEquals: { 'aws:SourceArn': rule.attrArn },
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        },
      }),
    );
  }
  return { function: worker, queue, ruleName: rule.ref };
}
