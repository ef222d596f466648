import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { bucketNames, recordsConnection } from '../lambda/connections.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import { bucketRule } from './bucket-rule.ts';
import { WorkQueue } from './work-queue.ts';
import type { Worker, WorkerContext } from './worker.ts';

const timeout = Duration.minutes(1);
const gatheringTime = Duration.minutes(1);

/**
 * What is overwritten or deleted in a bucket with a `cdn` goes out of CloudFront's caches. It has a queue of its own,
 * which gathers the changes of a minute, and stands outside of the network, from which CloudFront cannot be reached.
 */
export function cdnInvalidation(scope: Construct, context: WorkerContext): Worker {
  const { data, cdn } = context;
  if (!cdn) throw new TypeError('Where there is no CDN, nothing is to be invalidated.');
  const buckets = [...data.buckets].filter(([name]) => cdn.buckets.includes(name));
  const worker = new ServiceFunction(scope, 'CdnInvalidation', {
    ...context,
    network: undefined,
    entry: 'cdn-invalidation',
    description: 'Takes what has changed out of the caches of CloudFront',
    memoryMegabytes: 256,
    timeout,
  });
  // Events alone: it reads nothing in them.
  worker.connect({ ...bucketNames(scope, buckets), grants: [] });
  worker.connect(recordsConnection(data.table, data.encryptionKey, ['dynamodb:PutItem']));
  worker.connect({
    name: 'STOWAGE_DISTRIBUTION_ID',
    value: cdn.distributionId,
    grants: [
      new PolicyStatement({
        actions: ['cloudfront:CreateInvalidation'],
        resources: [`arn:${Aws.PARTITION}:cloudfront::${Aws.ACCOUNT_ID}:distribution/${cdn.distributionId}`],
      }),
    ],
  });

  const queue = new WorkQueue(scope, 'CdnInvalidationQueue', timeout.plus(gatheringTime));
  const { queueArn } = queue.queue;
  worker.addToRolePolicy(
    new PolicyStatement({
      actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      resources: [queueArn],
    }),
  );
  const mapping = new CfnEventSourceMapping(scope, 'CdnInvalidationSource', {
    functionName: worker.functionArn,
    eventSourceArn: queueArn,
    batchSize: 1_000,
    maximumBatchingWindowInSeconds: gatheringTime.toSeconds(),
    functionResponseTypes: ['ReportBatchItemFailures'],
    // As few as Lambda can be held to: CloudFront works on so many invalidations at once, and no more.
    scalingConfig: { maximumConcurrency: 2 },
  });
  if (worker.role) mapping.node.addDependency(worker.role);
  const rule = bucketRule(scope, 'CdnInvalidationRule', {
    description: 'Changes in the buckets that CloudFront serves',
    buckets: buckets.map(([, bucket]) => bucket),
    detailTypes: ['Object Created', 'Object Deleted'],
    queue,
  });
  return { function: worker, queue, ruleName: rule.ref };
}
