import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { textsAt } from '../dig.ts';
import { propertiesOf } from '../resolve.ts';
import type { LocalCall } from './platform-calls.ts';
import { ownArn } from './resource-policies.ts';

/**
 * What AWS Backup calls to take backups of tables and buckets, as far as it documents that.
 *
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForS3Backup.html
 */
export function backupCalls(user: Placed, cloud: Cloud): LocalCall[] {
  const chosen = textsAt(propertiesOf(user, cloud), 'BackupSelection', 'Resources');
  const tables = chosen.filter((arn) => arn.startsWith('arn:aws:dynamodb:'));
  const buckets = chosen.filter((arn) => arn.startsWith('arn:aws:s3:::'));
  const vaults = resourcesOf(cloud, 'AWS::Backup::BackupVault').filter(({ stack }) => stack === user.stack);
  const { region, account } = user.stack;
  return [
    ...each(tables, tableActions),
    ...each(
      tables.map((arn) => `${arn}/backup/one`),
      ['dynamodb:DescribeBackup', 'dynamodb:DeleteBackup'],
    ),
    ...each(buckets, bucketActions),
    ...each(
      buckets.map((arn) => `${arn}/some/key`),
      objectActions,
    ),
    ...each(
      vaults.map((vault) => ownArn(vault, cloud)),
      ['backup:DescribeBackupVault', 'backup:CopyIntoBackupVault'],
    ),
    ...each(
      vaults.flatMap((vault) => textsAt(propertiesOf(vault, cloud), 'EncryptionKeyArn')),
      ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
    ),
    ...(buckets.length > 0
      ? [
          ...each([`arn:aws:events:${region}:${account}:rule/AwsBackupManagedRule1`], ruleActions),
          ...each(['*'], ['events:ListRules', 'cloudwatch:GetMetricData']),
        ]
      : []),
  ];
}

const tableActions = ['DescribeTable', 'ListTagsOfResource', 'CreateBackup', 'StartAwsBackupJob'].map(
  (name) => `dynamodb:${name}`,
);

const bucketActions = [
  'GetBucketAcl',
  'GetBucketLocation',
  'GetBucketNotification',
  'GetBucketTagging',
  'GetBucketVersioning',
  'GetInventoryConfiguration',
  'ListBucket',
  'ListBucketVersions',
  'PutBucketNotification',
  'PutInventoryConfiguration',
].map((name) => `s3:${name}`);

const objectActions = [
  'GetObject',
  'GetObjectAcl',
  'GetObjectTagging',
  'GetObjectVersion',
  'GetObjectVersionAcl',
  'GetObjectVersionTagging',
].map((name) => `s3:${name}`);

const ruleActions = [
  'DeleteRule',
  'DescribeRule',
  'DisableRule',
  'EnableRule',
  'ListTargetsByRule',
  'PutRule',
  'PutTargets',
  'RemoveTargets',
].map((name) => `events:${name}`);

function each(resources: readonly string[], actions: readonly string[]): LocalCall[] {
  return resources.flatMap((resource) => actions.map((action) => ({ action, resource })));
}
