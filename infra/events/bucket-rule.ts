import { Aws, Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { StorageBucket } from '../data/storage-bucket.ts';
import type { WorkQueue } from './work-queue.ts';

export interface BucketRuleProps {
  readonly description: string;
  readonly buckets: readonly StorageBucket[];
  readonly queue: WorkQueue;
  /** Who tells of the buckets. Default: S3. */
  readonly source?: 'aws.s3' | 'aws.guardduty';
  /** What the source calls that which is wanted: `Object Created`. */
  readonly detailTypes: readonly string[];
}

/** What S3 tells of a bucket, as far as the service acts on it. Expiry by a lifecycle rule is a deletion, too. */
export const changeTypes = [
  'Object Created',
  'Object Deleted',
  'Object Restore Initiated',
  'Object Restore Completed',
  'Object Restore Expired',
  'Object Storage Class Changed',
  'Object Tags Added',
  'Object Tags Deleted',
];

/** Puts what is told of some buckets into a queue, and for a day tries again when it cannot. */
export function bucketRule(scope: Construct, id: string, props: BucketRuleProps): CfnRule {
  const { description, buckets, queue, source = 'aws.s3', detailTypes } = props;
  const names = buckets.map(({ bucketName }) => bucketName);
  const rule = new CfnRule(scope, id, {
    description,
    eventPattern: {
      source: [source],
      'detail-type': [...detailTypes],
      detail: source === 'aws.s3' ? { bucket: { name: names } } : { s3ObjectDetails: { bucketName: names } },
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
  return rule;
}
