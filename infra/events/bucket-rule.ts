import { Aws, Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { StorageBucket } from '../data/storage-bucket.ts';
import type { WorkQueue } from './work-queue.ts';

export interface BucketRuleProps {
  readonly description: string;
  readonly buckets: readonly StorageBucket[];
  /** What S3 calls the changes that are wanted: `Object Created`. */
  readonly detailTypes: readonly string[];
  readonly queue: WorkQueue;
}

/** Puts what S3 tells of some buckets into a queue, and for a day tries again when it cannot. */
export function bucketRule(scope: Construct, id: string, props: BucketRuleProps): CfnRule {
  const { description, buckets, detailTypes, queue } = props;
  const rule = new CfnRule(scope, id, {
    description,
    eventPattern: {
      source: ['aws.s3'],
      'detail-type': [...detailTypes],
      detail: { bucket: { name: buckets.map(({ bucketName }) => bucketName) } },
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
