import { describe, expect, test } from 'vitest';
import { permissionsOf } from './permissions.ts';
import { resolve } from './resolve.ts';
import {
  everything,
  functionOf,
  onlyResource,
  resourcesOfType,
  richConfig,
  synthesize,
} from './templates.ts';

const { data, stacks } = synthesize('dev', richConfig, everything);
const { Events: events = data } = stacks;
const resolved = <T>(value: T) => resolve(value, [events, data]);
const named = (type: string, prefix: string) => {
  const found = [events, data]
    .flatMap((template) => resourcesOfType(template, type))
    .filter(([id]) => id.replace(/[0-9A-F]{8}$/, '') === prefix);
  if (found.length !== 1 || !found[0]) throw new Error(`There are ${found.length} ${type} ${prefix}.`);
  return found[0][1].Properties;
};

test('there is a function for each file, and none without', () => {
  const handlers = (entries: readonly string[]) => {
    const template = synthesize('dev', richConfig, new Set(entries)).stacks['Events'];
    return resourcesOfType(template ?? data, 'AWS::Lambda::Function').map(([, { Properties }]) =>
      String(Properties['Handler']),
    );
  };
  expect(handlers(['api', 'maintenance'])).toEqual(['maintenance.handler']);
  expect(handlers([...everything]).toSorted()).toEqual([
    'maintenance.handler',
    'object-events.handler',
    'rotate-secret.handler',
    'webhook-delivery.handler',
  ]);
});

describe('a change in a bucket', () => {
  test('goes by EventBridge to the queue, from these buckets only', () => {
    const { EventPattern, Targets } = resolved(named('AWS::Events::Rule', 'ObjectEventRule'));
    expect(EventPattern).toMatchObject({
      source: ['aws.s3'],
      'detail-type': expect.arrayContaining(['Object Created', 'Object Deleted', 'Object Tags Added']),
      detail: { bucket: { name: ['Bucketsmedia', 'Bucketsplain'] } },
    });
    expect(Targets).toEqual([
      {
        Id: 'Queue',
        Arn: 'arn:aws:sqs:eu-west-1:111122223333:ObjectEventQueue',
        DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-west-1:111122223333:ObjectEventQueueDeadLetters' },
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      },
    ]);
  });

  test('and nobody else may put anything there', () => {
    for (const queue of ['ObjectEventQueue', 'ObjectEventQueueDeadLetters']) {
      const { Statement = [] } = named('AWS::SQS::QueuePolicy', `${queue}Policy`).PolicyDocument ?? {};
      const allowed = resolved(Statement.filter(({ Effect }) => Effect === 'Allow'));
      expect(allowed).toEqual(
        ['ObjectEventRule', 'MalwareRule'].map((rule) => ({
          Effect: 'Allow',
          Action: 'sqs:SendMessage',
          Principal: { Service: 'events.amazonaws.com' },
          Resource: `arn:aws:sqs:eu-west-1:111122223333:${queue}`,
          Condition: {
            ArnEquals: { 'aws:SourceArn': `arn:aws:events:eu-west-1:111122223333:rule/${rule}` },
            StringEquals: { 'aws:SourceAccount': '111122223333' },
          },
        })),
      );
    }
  });
});

describe.each([
  ['ObjectEventQueue', 'ObjectEventQueue', 'ObjectEvents'],
  ['DeliveriesQueue', 'Deliveries', 'WebhookDelivery'],
])('the queue %s', (queue, part, worker) => {
  test('is worked on message by message, and sets aside what cannot be done', () => {
    expect(resolved(named('AWS::SQS::Queue', queue))).toMatchObject({
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        deadLetterTargetArn: `arn:aws:sqs:eu-west-1:111122223333:${part}DeadLetters`,
        maxReceiveCount: 20,
      },
    });
    expect(resolved(named('AWS::Lambda::EventSourceMapping', `${worker}Source`))).toMatchObject({
      FunctionName: `arn:aws:lambda:eu-west-1:111122223333:function:${worker}`,
      EventSourceArn: `arn:aws:sqs:eu-west-1:111122223333:${queue}`,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('hides a message for longer than the function can take over it', () => {
    const { VisibilityTimeout } = named('AWS::SQS::Queue', queue);
    const { Timeout } = named('AWS::Lambda::Function', worker);
    expect(VisibilityTimeout).toBe(6 * Number(Timeout));
  });

  test('takes no plain HTTP', () => {
    const { Statement = [] } = named('AWS::SQS::QueuePolicy', `${queue}Policy`).PolicyDocument ?? {};
    expect(Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });
});

test('maintenance runs every hour, and takes nothing of what all functions may run', () => {
  const rule = resolved(named('AWS::Events::Rule', 'MaintenanceSchedule'));
  expect(rule).toMatchObject({
    ScheduleExpression: 'rate(1 hour)',
    Targets: [{ Arn: 'arn:aws:lambda:eu-west-1:111122223333:function:Maintenance' }],
  });
  expect(named('AWS::Lambda::Function', 'Maintenance')).not.toHaveProperty('ReservedConcurrentExecutions');
});

describe('the signing secret', () => {
  const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:SigningSecret';

  test('is made anew every 30 days, by Secrets Manager alone', () => {
    expect(resolved(onlyResource(events, 'AWS::SecretsManager::RotationSchedule').Properties)).toEqual({
      SecretId: secret,
      RotationLambdaARN: 'arn:aws:lambda:eu-west-1:111122223333:function:RotateSecret',
      RotationRules: { ScheduleExpression: 'rate(30 days)', Duration: '4h' },
      RotateImmediatelyOnUpdate: false,
    });
    expect(resolved(named('AWS::Lambda::Permission', 'MayRotate'))).toMatchObject({
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: '111122223333',
      SourceArn: secret,
    });
  });

  test('but not before an upload under way can be over', () => {
    const slow = { buckets: { files: { abandonedUploadDays: 90 } } };
    const template = synthesize('dev', slow, everything).stacks['Events'] ?? data;
    const { Properties } = onlyResource(template, 'AWS::SecretsManager::RotationSchedule');
    expect(Properties).toMatchObject({ RotationRules: { ScheduleExpression: 'rate(90 days)' } });
  });

  test('and the function may do that and nothing else', () => {
    const { RotateSecretRoleDefaultPolicy: permissions = [] } = permissionsOf([events, data]);
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/EncryptionKey';
    const through = '{"StringEquals":{"kms:ViaService":"secretsmanager.eu-west-1.amazonaws.com"}}';
    const logs = 'arn:aws:logs:eu-west-1:111122223333:log-group:RotateSecretLogs:*';
    expect(permissions).toEqual(
      [
        ...['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
          (action) => `secretsmanager:${action} ${secret}`,
        ),
        `kms:Decrypt ${key} ${through}`,
        `kms:GenerateDataKey ${key} ${through}`,
        `logs:CreateLogStream ${logs}`,
        `logs:PutLogEvents ${logs}`,
        'xray:PutTelemetryRecords *',
        'xray:PutTraceSegments *',
      ].toSorted(),
    );
  });
});

test('GuardDuty looks into the buckets that ask for it, and what it has found comes into the queue of events', () => {
  const plans = resourcesOfType(events, 'AWS::GuardDuty::MalwareProtectionPlan');
  expect(plans.map(([, { Properties }]) => resolved(Properties))).toEqual([
    {
      Role: 'arn:aws:iam::111122223333:role/MalwareProtectionRole',
      ProtectedResource: { S3Bucket: { BucketName: 'Bucketsmedia' } },
    },
  ]);
  expect(resolved(named('AWS::Events::Rule', 'MalwareRule'))).toMatchObject({
    EventPattern: {
      source: ['aws.guardduty'],
      'detail-type': ['GuardDuty Malware Protection Object Scan Result'],
      detail: { s3ObjectDetails: { bucketName: ['Bucketsmedia'] } },
    },
    Targets: [{ Arn: 'arn:aws:sqs:eu-west-1:111122223333:ObjectEventQueue' }],
  });
  const { MalwareProtectionRoleDefaultPolicy: permissions = [] } = permissionsOf([events, data]);
  expect(permissions.filter((permission) => permission.startsWith('s3:'))).toEqual([
    's3:GetBucketNotification arn:aws:s3:::Bucketsmedia',
    's3:GetObject arn:aws:s3:::Bucketsmedia/*',
    's3:GetObjectVersion arn:aws:s3:::Bucketsmedia/*',
    's3:ListBucket arn:aws:s3:::Bucketsmedia',
    's3:PutBucketNotification arn:aws:s3:::Bucketsmedia',
    's3:PutObject arn:aws:s3:::Bucketsmedia/malware-protection-resource-validation-object',
  ]);
});

describe("a team's own function", () => {
  const withOwn = synthesize('dev', richConfig, new Set([...everything, 'on-object-event']));
  const { Events: own = withOwn.data } = withOwn.stacks;
  const templates = [own, withOwn.data] as const;
  const queue = 'arn:aws:sqs:eu-west-1:111122223333:OwnFunctionQueue';

  test('hears of the same changes, by a queue of its own', () => {
    const [rule, ours] = ['OwnFunctionRule', 'ObjectEventRule'].map((prefix) => {
      const [found] = resourcesOfType(own, 'AWS::Events::Rule').filter(([id]) => id.startsWith(prefix));
      return resolve(found?.[1].Properties, templates);
    });
    expect(rule?.['EventPattern']).toEqual(ours?.['EventPattern']);
    expect(rule).toMatchObject({ Targets: [{ Arn: queue }] });
  });

  test('may work on that queue, and do nothing else', () => {
    const { OwnFunctionRoleDefaultPolicy: permissions = [] } = permissionsOf(templates);
    const logs = 'arn:aws:logs:eu-west-1:111122223333:log-group:OwnFunctionLogs:*';
    expect(permissions).toEqual([
      `logs:CreateLogStream ${logs}`,
      `logs:PutLogEvents ${logs}`,
      `sqs:ChangeMessageVisibility ${queue}`,
      `sqs:DeleteMessage ${queue}`,
      `sqs:GetQueueAttributes ${queue}`,
      `sqs:ReceiveMessage ${queue}`,
      `sqs:SendMessage ${queue}DeadLetters`,
      'xray:PutTelemetryRecords *',
      'xray:PutTraceSegments *',
    ]);
  });

  test('has the names of the buckets, and no other way to them', () => {
    const { Environment } = functionOf(own, 'on-object-event').Properties;
    expect(Object.keys(Object(Environment).Variables).toSorted()).toEqual([
      'NODE_OPTIONS',
      'STOWAGE_CONFIG',
      'STOWAGE_DEAD_LETTER_QUEUE_URL',
      'STOWAGE_QUEUE_URL',
      'STOWAGE_S3_BUCKET_NAMES',
      'STOWAGE_STAGE',
    ]);
  });
});
