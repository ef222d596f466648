import { describe, expect, test } from 'vitest';
import { resolve } from './resolve.ts';
import { functionOf, onlyResource, resourcesOfType, synthesize } from './templates.ts';

const { data, api } = synthesize();
const role = onlyResource(api, 'AWS::IAM::Role');
const policy = onlyResource(api, 'AWS::IAM::Policy');

const statements = resolve(policy.Properties.PolicyDocument?.Statement ?? [], [api, data]);

/** Every permission of the role as one line: effect, action, resource and, where there is one, the condition. */
const permissions = statements.flatMap(({ Effect, Action, Resource, Condition }) =>
  [Action]
    .flat()
    .flatMap((action) =>
      [Resource]
        .flat()
        .map((resource) =>
          [Effect, action, resource, ...(Condition ? [JSON.stringify(Condition)] : [])].join(' '),
        ),
    ),
);

const key = 'arn:aws:kms:eu-west-1:111122223333:key/EncryptionKey';
const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
const table = 'arn:aws:dynamodb:eu-west-1:111122223333:table/Records';
const logs = 'arn:aws:logs:eu-west-1:111122223333:log-group:';
const through = (service: string) =>
  JSON.stringify({ StringEquals: { 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` } });

describe('the role of the API function', () => {
  test('may do exactly this', () => {
    expect(permissions.toSorted()).toEqual(
      [
        ...['Bucketsmedia', 'Bucketsplain'].flatMap((bucket) => [
          `Allow s3:GetLifecycleConfiguration arn:aws:s3:::${bucket}`,
          `Allow s3:ListBucket arn:aws:s3:::${bucket}`,
          `Allow s3:ListBucketMultipartUploads arn:aws:s3:::${bucket}`,
          `Allow s3:PutLifecycleConfiguration arn:aws:s3:::${bucket}`,
          `Allow s3:AbortMultipartUpload arn:aws:s3:::${bucket}/*`,
          `Allow s3:DeleteObject arn:aws:s3:::${bucket}/*`,
          `Allow s3:GetObject arn:aws:s3:::${bucket}/*`,
          `Allow s3:ListMultipartUploadParts arn:aws:s3:::${bucket}/*`,
          `Allow s3:PutObject arn:aws:s3:::${bucket}/*`,
          `Allow s3:PutObjectTagging arn:aws:s3:::${bucket}/*`,
          `Allow s3:RestoreObject arn:aws:s3:::${bucket}/*`,
        ]),
        // Only this one keeps versions.
        'Allow s3:DeleteObjectVersion arn:aws:s3:::Bucketsmedia/*',
        'Allow s3:GetObjectVersion arn:aws:s3:::Bucketsmedia/*',
        `Allow kms:Decrypt ${key} ${through('s3')}`,
        `Allow kms:GenerateDataKey ${key} ${through('s3')}`,
        `Allow kms:Decrypt ${key} ${through('secretsmanager')}`,
        ...['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map(
          (action) => `Allow dynamodb:${action} ${table}`,
        ),
        `Allow kms:Decrypt ${key} ${through('dynamodb')}`,
        'Allow sqs:SendMessage arn:aws:sqs:eu-west-1:111122223333:DeliveriesQueue',
        `Allow secretsmanager:GetSecretValue ${secret}RootKey`,
        `Allow secretsmanager:GetSecretValue ${secret}SigningSecret`,
        `Allow logs:CreateLogStream ${logs}ApiLogs:*`,
        `Allow logs:PutLogEvents ${logs}ApiLogs:*`,
        // X-Ray knows no resources.
        'Allow xray:PutTelemetryRecords *',
        'Allow xray:PutTraceSegments *',
      ].toSorted(),
    );
  });

  test('can be taken on by Lambda and nobody else', () => {
    expect(role.Properties['AssumeRolePolicyDocument']).toEqual({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
      ],
    });
  });

  test('has no other policy, neither one of AWS nor one written into it', () => {
    expect(Object.keys(role.Properties).toSorted()).toEqual(['AssumeRolePolicyDocument', 'Description']);
  });

  test('is the one that the function runs under, and the only one', () => {
    const roles = resourcesOfType(api, 'AWS::IAM::Role').map(([id]) => id);
    expect(roles).toHaveLength(1);
    expect(policy.Properties['Roles']).toEqual([{ Ref: roles[0] }]);
    expect(functionOf(api, 'api').Properties['Role']).toEqual({
      'Fn::GetAtt': [roles[0], 'Arn'],
    });
    expect(resourcesOfType(data, 'AWS::IAM::Role')).toEqual([]);
  });
});
