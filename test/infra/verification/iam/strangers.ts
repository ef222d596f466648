import { anonymousPrincipal } from '@cloud-copilot/iam-simulate';
import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { type Finding, placeOf } from '../finding.ts';
import { anyKey } from './calls.ts';
import { platformUses } from './platform-calls.ts';
import { ownArn, resourceStatements } from './resource-policies.ts';
import { rolesOf } from './roles.ts';
import { decide } from './simulate.ts';

/** What is asked of each kind of resource by those who have no business with it. */
const probes: Readonly<
  Record<string, (arn: string) => readonly (readonly [action: string, resource: string])[]>
> = {
  'AWS::S3::Bucket': (arn) => [
    ['s3:ListBucket', arn],
    ['s3:PutBucketPolicy', arn],
    ['s3:GetObject', `${arn}/${anyKey}`],
    ['s3:PutObject', `${arn}/${anyKey}`],
    ['s3:DeleteObject', `${arn}/${anyKey}`],
  ],
  'AWS::KMS::Key': (arn) => [
    ['kms:Decrypt', arn],
    ['kms:GenerateDataKey', arn],
    ['kms:PutKeyPolicy', arn],
    ['kms:CreateGrant', arn],
  ],
  'AWS::SecretsManager::Secret': (arn) => [
    ['secretsmanager:GetSecretValue', arn],
    ['secretsmanager:PutSecretValue', arn],
  ],
  'AWS::SQS::Queue': (arn) => [
    ['sqs:SendMessage', arn],
    ['sqs:ReceiveMessage', arn],
    ['sqs:PurgeQueue', arn],
  ],
  'AWS::SNS::Topic': (arn) => [
    ['sns:Publish', arn],
    ['sns:Subscribe', arn],
  ],
};

const otherAccount = '999999999999';
const everything = [{ Effect: 'Allow', Action: '*', Resource: '*' }];

/** Who asks: nobody in particular, the administrator of another account, and services on behalf of that account. */
const strangers = [
  { principal: anonymousPrincipal, context: {} },
  { principal: `arn:aws:iam::${otherAccount}:role/Administrator`, context: {} },
  ...['s3', 'events', 'sns', 'cloudfront', 'logging.s3', 'cloudwatch', 'logs', 'backup', 'lambda'].map(
    (service) => ({
      principal: `${service}.amazonaws.com`,
      context: {
        'aws:SourceAccount': otherAccount,
        'aws:SourceArn': `arn:aws:${service.replace(/^.*\./, '')}:eu-west-1:${otherAccount}:other`,
      },
    }),
  ),
];

/** No resource answers to strangers, whatever their own account allows them. */
export async function openToStrangers(cloud: Cloud): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { placed, action, resource, ofResource } of everyProbe(cloud)) {
    for (const { principal, context } of strangers) {
      const isRole = typeof principal === 'string' && principal.startsWith('arn:');
      const decision = await decide(
        { principal, action, resource, account: placed.stack.account, context },
        { ofResource, ...(isRole && { ofPrincipal: everything }) },
      );
      if (decision !== 'Allowed') continue;
      const who = typeof principal === 'string' ? principal : 'anybody';
      findings.push({ rule: 'strangers get nothing', at: placeOf(placed), message: `${who} may ${action}` });
    }
  }
  return findings;
}

/** Not even the administrator reaches a bucket over plain HTTP, or over a TLS that has been broken. */
export async function openToEavesdroppers(cloud: Cloud): Promise<Finding[]> {
  const findings: Finding[] = [];
  const buckets = everyProbe(cloud).filter(({ placed }) => placed.resource.Type === 'AWS::S3::Bucket');
  for (const { placed, action, resource, ofResource } of buckets) {
    for (const context of [{ 'aws:SecureTransport': 'false' }, { 's3:TlsVersion': '1.1' }]) {
      const { account } = placed.stack;
      const principal = `arn:aws:iam::${account}:role/Administrator`;
      const decision = await decide(
        { principal, action, resource, account, context },
        { ofPrincipal: everything, ofResource },
      );
      if (decision === 'ExplicitlyDenied') continue;
      const over = 's3:TlsVersion' in context ? 'TLS 1.1' : 'plain HTTP';
      findings.push({
        rule: 'plain HTTP and old TLS are refused',
        at: placeOf(placed),
        message: `${action} goes over ${over}`,
      });
    }
  }
  return findings;
}

/** An account that cannot change the policy of its own key has lost the key, and with it all that it encrypts. */
export async function lockedOut(cloud: Cloud): Promise<Finding[]> {
  const findings: Finding[] = [];
  const statements = resourceStatements(cloud);
  for (const placed of resourcesOf(cloud, 'AWS::KMS::Key')) {
    const { account } = placed.stack;
    const resource = ownArn(placed, cloud);
    const decision = await decide(
      {
        principal: `arn:aws:iam::${account}:role/Administrator`,
        action: 'kms:PutKeyPolicy',
        resource,
        account,
      },
      { ofPrincipal: everything, ofResource: statements.get(resource) ?? [] },
    );
    if (decision === 'Allowed') continue;
    findings.push({
      rule: 'the account can administer its keys',
      at: placeOf(placed),
      message: 'nobody could ever change its policy',
    });
  }
  return findings;
}

/** A role can be taken on by the service that works in its name, and by nobody else. */
export async function openRoles(cloud: Cloud): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const role of rolesOf(cloud)) {
    const { account } = role.placed.stack;
    const expected = new Set(role.users.map(({ resource }) => platformUses[resource.Type]?.service));
    const own = [
      ...Object.values(platformUses).map(({ service }) => service),
      'ec2.amazonaws.com',
      'ecs-tasks.amazonaws.com',
    ];
    const candidates = [
      ...own.map((principal) => ({ principal, context: { 'aws:SourceAccount': account } })),
      { principal: `arn:aws:iam::${account}:role/Other`, context: {} },
      ...strangers.filter(({ principal }) => typeof principal !== 'string' || principal.startsWith('arn:')),
    ];
    for (const { principal, context } of candidates) {
      const decision = await decide(
        { principal, action: 'sts:AssumeRole', resource: role.arn, account, context },
        {
          ofResource: role.trust,
          ...(typeof principal === 'string' && principal.startsWith('arn:') && { ofPrincipal: everything }),
        },
      );
      const isExpected = typeof principal === 'string' && expected.has(principal);
      if ((decision === 'Allowed') === isExpected) continue;
      const who = typeof principal === 'string' ? principal : 'anybody';
      findings.push({
        rule: 'a role is for the service that uses it',
        at: placeOf(role.placed),
        message: `${who} ${isExpected ? 'cannot' : 'can'} take it on`,
      });
    }
  }
  return findings;
}

interface Probe {
  readonly placed: Placed;
  readonly action: string;
  readonly resource: string;
  readonly ofResource: readonly unknown[];
}

function everyProbe(cloud: Cloud): Probe[] {
  const statements = resourceStatements(cloud);
  return resourcesOf(cloud).flatMap((placed) => {
    const ask = probes[placed.resource.Type];
    if (!ask) return [];
    const arn = ownArn(placed, cloud);
    return ask(arn).map(([action, resource]) => ({
      placed,
      action,
      resource,
      ofResource: statements.get(arn) ?? [],
    }));
  });
}
