import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { dig, listAt, textsAt } from '../dig.ts';
import { propertiesOf } from '../resolve.ts';
import { backupCalls } from './backup-calls.ts';
import type { Call } from './calls.ts';
import { functionCalls } from './function-calls.ts';
import { ownArn } from './resource-policies.ts';

/** A call in an account that goes without saying. */
export type LocalCall = Omit<Call, 'account'>;

/** Who works in the name of the role of a resource, and what for. */
interface PlatformUse {
  readonly service: string;
  readonly calls: (user: Placed, cloud: Cloud) => readonly LocalCall[];
}

/** What AWS itself calls in the name of a role, by the type of the resource that has the role. */
export const platformUses: Readonly<Record<string, PlatformUse>> = {
  'AWS::Lambda::Function': { service: 'lambda.amazonaws.com', calls: functionCalls },
  'AWS::S3::Bucket': { service: 's3.amazonaws.com', calls: replicationCalls },
  'AWS::Backup::BackupSelection': { service: 'backup.amazonaws.com', calls: backupCalls },
  'AWS::CodeDeploy::DeploymentGroup': { service: 'codedeploy.amazonaws.com', calls: canaryCalls },
  'AWS::AppConfig::Environment': {
    service: 'appconfig.amazonaws.com',
    calls: () => on('*', 'cloudwatch:DescribeAlarms'),
  },
  'AWS::GuardDuty::MalwareProtectionPlan': {
    service: 'malware-protection-plan.guardduty.amazonaws.com',
    calls: malwareCalls,
  },
  'AWS::EC2::FlowLog': { service: 'vpc-flow-logs.amazonaws.com', calls: flowLogCalls },
};

/** @returns nothing for a type that is not known here, of which another check complains */
export function platformCalls(user: Placed, cloud: Cloud): Call[] {
  const calls = platformUses[user.resource.Type]?.calls(user, cloud) ?? [];
  return calls.map((call) => ({ ...call, account: user.stack.account }));
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html */
function replicationCalls(user: Placed, cloud: Cloud): LocalCall[] {
  const bucket = ownArn(user, cloud);
  const rules = listAt(propertiesOf(user, cloud), 'ReplicationConfiguration', 'Rules');
  return [
    ...on(bucket, 's3:GetReplicationConfiguration', 's3:ListBucket'),
    ...on(
      `${bucket}/some/key`,
      's3:GetObjectVersionForReplication',
      's3:GetObjectVersionAcl',
      's3:GetObjectVersionTagging',
    ),
    ...rules
      .flatMap((rule) => textsAt(rule, 'Destination', 'Bucket'))
      .flatMap((target) =>
        on(`${target}/some/key`, 's3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'),
      ),
  ];
}

/** @see https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html */
function canaryCalls(user: Placed, cloud: Cloud): LocalCall[] {
  const application = propertiesOf(user, cloud)['ApplicationName'];
  const aliases = resourcesOf(cloud, 'AWS::Lambda::Alias').filter(
    ({ resource, stack }) =>
      stack === user.stack &&
      dig(resource, 'UpdatePolicy', 'CodeDeployLambdaAliasUpdate', 'ApplicationName') !== undefined &&
      application !== undefined,
  );
  return [
    ...aliases
      .map((alias) => ownArn(alias, cloud))
      .flatMap((alias) => [
        ...on(alias.replace(/:[^:]+$/, ''), 'lambda:GetAlias', 'lambda:UpdateAlias'),
        ...on(alias, 'lambda:GetProvisionedConcurrencyConfig'),
      ]),
    ...on('*', 'cloudwatch:DescribeAlarms'),
  ];
}

/** @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html */
function flowLogCalls(user: Placed, cloud: Cloud): LocalCall[] {
  const { region, account } = user.stack;
  return textsAt(propertiesOf(user, cloud), 'LogGroupName').flatMap((group) =>
    on(
      `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:one`,
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'logs:DescribeLogStreams',
    ),
  );
}

/** Without the tags that it could set. @see https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection-s3-iam-policy-prerequisite.html */
function malwareCalls(user: Placed, cloud: Cloud): LocalCall[] {
  const { region, account } = user.stack;
  const rule = `arn:aws:events:${region}:${account}:rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3-1`;
  const context = { 'events:ManagedBy': 'malware-protection-plan.guardduty.amazonaws.com' };
  return [
    ...on(rule, 'events:PutRule', 'events:DeleteRule', 'events:PutTargets', 'events:RemoveTargets').map(
      (call) => ({ ...call, context }),
    ),
    ...on(rule, 'events:DescribeRule', 'events:ListTargetsByRule'),
    ...textsAt(propertiesOf(user, cloud), 'ProtectedResource', 'S3Bucket', 'BucketName')
      .map((name) => `arn:aws:s3:::${name}`)
      .flatMap((bucket) => [
        ...on(bucket, 's3:GetBucketNotification', 's3:PutBucketNotification', 's3:ListBucket'),
        ...on(`${bucket}/some/key`, 's3:GetObject', 's3:GetObjectVersion'),
        ...on(`${bucket}/malware-protection-resource-validation-object`, 's3:PutObject'),
      ]),
  ];
}

function on(resource: string, ...actions: readonly string[]): LocalCall[] {
  return actions.map((action) => ({ action, resource }));
}
