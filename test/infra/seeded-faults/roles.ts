import { beside, idOf, on, put, rewrite, type TemplateFault } from './fault.ts';

const role = 'AWS::IAM::Role';
const policy = 'AWS::IAM::Policy';
const key = 'AWS::KMS::Key';
const bucket = 'AWS::S3::Bucket';
const apiRole = /^ApiRole/;
const called = 'what is called is allowed';
const used = 'what is allowed is called';
const nothingElse = 'nothing else is allowed';
const forbidden = 'what no role may do';
const everyResource = 'no role is allowed every resource';
const wildcards = 'no policy allows actions by a wildcard';
const trusted = 'a role is for the service that uses it';

/** Every action that the API needs, taken away: what the service then could not do. */
const taken: Readonly<Record<string, string>> = {
  's3:AbortMultipartUpload': 'abort an upload',
  's3:DeleteObject': 'delete an object',
  's3:GetObject': 'sign a download',
  's3:ListBucket': 'list objects',
  's3:ListBucketMultipartUploads': 'list unfinished uploads',
  's3:ListMultipartUploadParts': 'resume an upload',
  's3:PutObject': 'sign an upload',
  's3:PutObjectTagging': 'sign an upload with tags',
  'secretsmanager:GetSecretValue': 'start',
  'kms:GenerateDataKey': 'encrypt what is uploaded',
  'logs:PutLogEvents': 'log',
  'xray:PutTraceSegments': 'trace',
};

/** The same of the other roles. */
const takenElsewhere: Readonly<Record<string, readonly [what: string, id: RegExp]>> = {
  's3:ReplicateDelete': ['what is deleted stays in the copy', /^ReplicationRole/],
  's3:GetObjectVersionForReplication': ['nothing is copied', /^ReplicationRole/],
  'dynamodb:CreateBackup': ['the records have no backup', /^BackupsRole/],
  'lambda:UpdateAlias': ['a new version gets no calls', /^CanaryRole/],
  's3:PutObject': ['the console is not published', /^ConsolePublisherRole/],
  'ec2:CreateNetworkInterface': ['the API does not get into its network', apiRole],
  'dynamodb:GetItem': ['the API cannot read its records', apiRole],
};

export const roleFaults: readonly TemplateFault[] = [
  {
    name: 'the flags cannot be read',
    caughtBy: 'what is called is allowed',
    spoil: rewrite('AWS::IAM::Policy', '"appconfig:GetLatestConfiguration",', '', /^ApiRole/),
  },
  {
    name: 'the caches of every distribution can be emptied',
    caughtBy: 'no role is allowed every resource',
    spoil: rewrite(
      'AWS::IAM::Policy',
      /:distribution\/",\{[^}]*\}\]/,
      ':distribution/*"]',
      /^CdnInvalidationRole/,
    ),
  },
  {
    name: 'the key for CloudFront can be read and not written',
    caughtBy: 'what is called is allowed',
    spoil: rewrite(
      'AWS::IAM::Policy',
      '"secretsmanager:PutSecretValue"',
      '"secretsmanager:DescribeSecret"',
      /^CdnKeysMaker/,
    ),
  },
  ...Object.entries(taken).map(([action, what]) => ({
    name: `the API cannot ${what}: no ${action}`,
    caughtBy: called,
    spoil: rewrite(policy, `"${action}"`, '"s3:ListAllMyBuckets"', apiRole),
  })),
  ...Object.entries(takenElsewhere).map(([action, [what, id]]) => ({
    name: `${what}: no ${action}`,
    caughtBy: called,
    spoil: rewrite(policy, `"${action}"`, '"s3:ListAllMyBuckets"', id),
  })),
  {
    name: 'the copies are encrypted with another key',
    caughtBy: called,
    spoil: rewrite('AWS::KMS::Alias', '-replica"', '-copy"'),
  },
  {
    name: 'any branch of any repository may deploy',
    caughtBy: 'a token from outside counts for one audience and one subject',
    spoil: rewrite(role, /"repo:[^"]+"/, '"repo:*"', /^DeployRole/),
  },
  {
    name: 'the permissions for objects are given on the bucket',
    caughtBy: called,
    spoil: rewrite(policy, '"/*"', '""', apiRole),
  },
  {
    name: 'the key is for another service than S3',
    caughtBy: called,
    spoil: rewrite(policy, '"s3.",', '"sqs.",', apiRole),
  },
  {
    name: 'a bucket policy denies what the role allows',
    caughtBy: called,
    spoil: on(
      'AWS::S3::BucketPolicy',
      addStatement({ Effect: 'Deny', Principal: '*', Action: 's3:GetObject' }),
      /^Bucketsmedia/,
    ),
  },
  {
    name: 'the key policy does not leave the key to IAM',
    caughtBy: called,
    spoil: rewrite(key, '"kms:*"', '"kms:DescribeKey"'),
  },
  {
    name: 'the API may take tags away',
    caughtBy: used,
    spoil: rewrite(policy, '"s3:DeleteObject"', '"s3:DeleteObject","s3:DeleteObjectTagging"', apiRole),
  },
  {
    name: 'the API may read the access logs',
    caughtBy: used,
    spoil: allow({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::ACCESS_LOGS/*' }),
  },
  {
    name: 'the API may change its secrets',
    caughtBy: nothingElse,
    spoil: rewrite(
      policy,
      '"secretsmanager:GetSecretValue"',
      '["secretsmanager:GetSecretValue","secretsmanager:PutSecretValue"]',
      apiRole,
    ),
  },
  {
    name: 'the API may use the key without going through a service',
    caughtBy: nothingElse,
    spoil: allow({ Action: 'kms:GenerateDataKey', Resource: { 'Fn::ImportValue': 'KEY' } }),
  },
  {
    name: 'the API may do with objects what it likes',
    caughtBy: wildcards,
    spoil: rewrite(policy, '"s3:GetObject"', '"s3:*Object"', apiRole),
  },
  {
    name: 'the API may do all but one thing',
    caughtBy: wildcards,
    spoil: rewrite(
      policy,
      '"Action":"secretsmanager:GetSecretValue"',
      '"NotAction":"iam:CreateUser"',
      apiRole,
    ),
  },
  {
    name: 'the API may scan every table of the account',
    caughtBy: everyResource,
    spoil: allow({ Action: 'dynamodb:Scan', Resource: '*' }),
  },
  {
    name: 'the API may read every bucket of the account',
    caughtBy: everyResource,
    spoil: allow({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::*' }),
  },
  {
    name: 'the API may do what it needs on all but one resource',
    caughtBy: everyResource,
    spoil: allow({ Action: 's3:GetObject', NotResource: 'arn:aws:s3:::none/*', Resource: undefined }),
  },
  {
    name: 'the API may open a bucket to the world',
    caughtBy: forbidden,
    spoil: allow({ Action: 's3:PutBucketPolicy', Resource: 'arn:aws:s3:::MEDIA' }),
  },
  {
    name: 'the API may hand its role on',
    caughtBy: forbidden,
    spoil: allow({ Action: 'iam:PassRole', Resource: 'arn:aws:iam::*:role/*' }),
  },
  {
    name: 'the API may have the key deleted',
    caughtBy: forbidden,
    spoil: allow({ Action: 'kms:ScheduleKeyDeletion', Resource: { 'Fn::ImportValue': 'KEY' } }),
  },
  {
    name: 'an action is misspelt',
    caughtBy: 'actions exist',
    spoil: rewrite(policy, '"s3:GetObject"', '"s3:GetObject","s3:ReadObject"', apiRole),
  },
  {
    name: 'anybody can take the role on',
    caughtBy: 'nobody is trusted without a name',
    spoil: put(role, 'AssumeRolePolicyDocument.Statement.0.Principal', { AWS: '*' }, apiRole),
  },
  {
    name: 'virtual machines can take the role on',
    caughtBy: trusted,
    spoil: put(
      role,
      'AssumeRolePolicyDocument.Statement.0.Principal.Service',
      ['lambda.amazonaws.com', 'ec2.amazonaws.com'],
      apiRole,
    ),
  },
  {
    name: 'another account can take the role on',
    caughtBy: trusted,
    spoil: put(
      role,
      'AssumeRolePolicyDocument.Statement.0.Principal.AWS',
      'arn:aws:iam::999999999999:root',
      apiRole,
    ),
  },
  {
    name: 'Lambda cannot take the role on',
    caughtBy: trusted,
    spoil: put(
      role,
      'AssumeRolePolicyDocument.Statement.0.Principal.Service',
      'edgelambda.amazonaws.com',
      apiRole,
    ),
  },
  {
    name: "a policy of AWS's is attached",
    caughtBy: 'no policy is attached that AWS may widen',
    spoil: put(role, 'ManagedPolicyArns', ['arn:aws:iam::aws:policy/AmazonS3FullAccess'], apiRole),
  },
  {
    name: 'a role is left over that nothing uses',
    caughtBy: 'every role has a known user',
    spoil: beside(role, 'LeftOver', {
      Type: role,
      Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } },
    }),
  },
  {
    name: 'a user is made, with a key that never ends',
    caughtBy: 'there are no users, with keys that never end',
    spoil: beside(role, 'Robot', { Type: 'AWS::IAM::User', Properties: {} }),
  },
  {
    name: 'everybody may use the key',
    caughtBy: 'strangers get nothing',
    spoil: put(key, 'KeyPolicy.Statement.0.Principal', '*'),
  },
  {
    name: 'the account has locked itself out of its key',
    caughtBy: 'the account can administer its keys',
    spoil: rewrite(key, '"kms:*"', '["kms:Decrypt","kms:GenerateDataKey"]'),
  },
];

/**
 * Adds a statement to the policy of the API's role.
 *
 * @param statement - `KEY` stands in it for the export of the key's ARN, `MEDIA` and `ACCESS_LOGS` for those buckets
 */
function allow(statement: object): TemplateFault['spoil'] {
  return (cloud) => {
    const exported = cloud.stacks
      .flatMap(({ template }) => Object.values(template.Outputs ?? {}))
      .map(({ Export }) => String(Export?.Name))
      .find((name) => /EncryptionKey.*Arn/.test(name));
    const text = JSON.stringify(statement)
      .replace('KEY', String(exported))
      .replace('MEDIA', `${idOf(cloud, bucket, /^Bucketsmedia/)}-data`.toLowerCase())
      .replace('ACCESS_LOGS', `${idOf(cloud, bucket, /^AccessLogs/)}-data`.toLowerCase());
    on(policy, addStatement({ Effect: 'Allow', ...JSON.parse(text) }), apiRole)(cloud);
  };
}

function addStatement(statement: object): (properties: Record<string, unknown>) => void {
  return (properties) => {
    const document = Object(properties['PolicyDocument']);
    const [first] = document.Statement;
    document.Statement.push({ Resource: first.Resource, ...statement });
  };
}
