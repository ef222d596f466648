import { type Cloud, resourcesOf } from '../cloud.ts';
import { type Finding, placeOf } from '../finding.ts';
import { anyKey } from './calls.ts';
import { ownArn, resourceStatements } from './resource-policies.ts';
import { rolesOf } from './roles.ts';
import { decide, type Question } from './simulate.ts';

/** Must not: what no role that AWS or our code works under may ever do, whatever else changes. */
export async function forbiddenPermissions(cloud: Cloud): Promise<Finding[]> {
  const findings: Finding[] = [];
  const statements = resourceStatements(cloud);
  for (const role of rolesOf(cloud)) {
    for (const question of forbidden(cloud, role.placed.stack.account)) {
      const ofResource = statements.get(question.resource.replace(`/${anyKey}`, '')) ?? [];
      const decision = await decide(
        { principal: role.arn, ...question },
        { ofPrincipal: role.statements, ofResource },
      );
      if (decision !== 'Allowed') continue;
      findings.push({
        rule: 'what no role may do',
        at: placeOf(role.placed),
        message: `${question.action} on ${question.resource}`,
      });
    }
  }
  return findings;
}

function forbidden(cloud: Cloud, account: string): Omit<Question, 'principal'>[] {
  const ask = (action: string, ...resources: readonly string[]) =>
    resources.map((resource) => ({ action, resource, account }));
  const arnsOf = (type: string) => resourcesOf(cloud, type).map((placed) => ownArn(placed, cloud));
  const buckets = arnsOf('AWS::S3::Bucket');
  const keys = arnsOf('AWS::KMS::Key');
  const secrets = arnsOf('AWS::SecretsManager::Secret');
  const tables = [...arnsOf('AWS::DynamoDB::Table'), ...arnsOf('AWS::DynamoDB::GlobalTable')];
  const roles = rolesOf(cloud).map(({ arn }) => arn);
  return [
    ...[
      's3:DeleteBucket',
      's3:PutBucketPolicy',
      's3:PutBucketPublicAccessBlock',
      's3:PutBucketVersioning',
    ].flatMap((action) => ask(action, ...buckets)),
    ...ask('s3:BypassGovernanceRetention', ...buckets.map((arn) => `${arn}/${anyKey}`)),
    ...ask('s3:GetObject', `arn:aws:s3:::of-somebody-else/${anyKey}`),
    // Directly, and not through the service that holds what the key encrypts.
    ...[
      'kms:Decrypt',
      'kms:ScheduleKeyDeletion',
      'kms:DisableKey',
      'kms:PutKeyPolicy',
      'kms:CreateGrant',
    ].flatMap((action) => ask(action, ...keys)),
    ...ask('secretsmanager:DeleteSecret', ...secrets),
    ...ask('secretsmanager:PutResourcePolicy', ...secrets),
    ...['dynamodb:DeleteTable', 'dynamodb:UpdateContinuousBackups'].flatMap((action) =>
      ask(action, ...tables),
    ),
    ...['iam:PassRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy', 'sts:AssumeRole'].flatMap((action) =>
      ask(action, ...roles),
    ),
    ...ask('iam:CreateUser', `arn:aws:iam::${account}:user/New`),
  ];
}
