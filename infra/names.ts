import { createHash } from 'node:crypto';
import { Aws } from 'aws-cdk-lib';
import type { Stage } from './stages.ts';

/**
 * Names that stacks in different regions must agree on, since CloudFormation exports nothing across regions. All else has
 * a name that AWS makes up, so that it can be replaced.
 */

/** Where the copies of a bucket go. S3 has one name space for all accounts and 63 characters. */
export function replicaBucketName(stage: Stage, bucket: string): string {
  const short = bucket.length <= 20 ? bucket : `${bucket.slice(0, 11)}-${digest(bucket)}`;
  return `stowage-${stage.name}-${short}-${Aws.ACCOUNT_ID}-replica`;
}

/** The key of the recovery region. */
export function replicaKeyAlias(stage: Stage): string {
  return `alias/stowage-${stage.name}-replica`;
}

export function replicaKeyAliasArn(stage: Stage, region: string): string {
  return `arn:${Aws.PARTITION}:kms:${region}:${Aws.ACCOUNT_ID}:${replicaKeyAlias(stage)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
