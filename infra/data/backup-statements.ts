import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { RecordsTable } from './records-table.ts';
import type { StorageBucket } from './storage-bucket.ts';

interface BackedUp {
  readonly buckets: readonly StorageBucket[];
  readonly table: RecordsTable;
  readonly encryptionKey: Key;
  readonly vaultArn: string;
}

/**
 * What AWS Backup needs to copy these buckets and this table, and nothing else of the account. AWS's own policies for it
 * cover every bucket and every table there is, and restoring over them.
 *
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/s3-backups.html
 */
export function backupStatements({ buckets, table, encryptionKey, vaultArn }: BackedUp): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: [
        'dynamodb:DescribeTable',
        'dynamodb:ListTagsOfResource',
        'dynamodb:CreateBackup',
        'dynamodb:StartAwsBackupJob',
      ],
      resources: [table.arn],
    }),
    new PolicyStatement({
      actions: ['dynamodb:DescribeBackup', 'dynamodb:DeleteBackup'],
      resources: [`${table.arn}/backup/*`],
    }),
    new PolicyStatement({
      actions: ['backup:DescribeBackupVault', 'backup:CopyIntoBackupVault'],
      resources: [vaultArn],
    }),
    new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
      resources: [encryptionKey.keyArn],
    }),
    ...(buckets.length > 0 ? bucketStatements(buckets) : []),
  ];
}

function bucketStatements(buckets: readonly StorageBucket[]): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: [
        's3:GetBucketAcl',
        's3:GetBucketLocation',
        's3:GetBucketNotification',
        's3:GetBucketTagging',
        's3:GetBucketVersioning',
        's3:GetInventoryConfiguration',
        's3:ListBucket',
        's3:ListBucketVersions',
        's3:PutBucketNotification',
        's3:PutInventoryConfiguration',
      ],
      resources: buckets.map((bucket) => bucket.bucketArn),
    }),
    new PolicyStatement({
      actions: [
        's3:GetObject',
        's3:GetObjectAcl',
        's3:GetObjectTagging',
        's3:GetObjectVersion',
        's3:GetObjectVersionAcl',
        's3:GetObjectVersionTagging',
      ],
      resources: buckets.map((bucket) => bucket.arnForObjects('*')),
    }),
    new PolicyStatement({
      // By rules of its own, it hears of every change between two backups.
      actions: [
        'events:DeleteRule',
        'events:DescribeRule',
        'events:DisableRule',
        'events:EnableRule',
        'events:ListTargetsByRule',
        'events:PutRule',
        'events:PutTargets',
        'events:RemoveTargets',
      ],
      resources: [`arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/AwsBackupManagedRule*`],
    }),
    new PolicyStatement({
      actions: ['cloudwatch:GetMetricData', 'events:ListRules'],
      // Neither knows resources.
      resources: ['*'],
    }),
  ];
}
