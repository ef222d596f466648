import { describe, expect, test } from 'vitest';
import { permissionsOf } from './permissions.ts';
import { resolve } from './resolve.ts';
import { everything, onlyResource, resourcesOfType, richConfig, synthesize } from './templates.ts';

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
      expect(allowed).toEqual([
        {
          Effect: 'Allow',
          Action: 'sqs:SendMessage',
          Principal: { Service: 'events.amazonaws.com' },
          Resource: `arn:aws:sqs:eu-west-1:111122223333:${queue}`,
          Condition: {
            ArnEquals: { 'aws:SourceArn': 'arn:aws:events:eu-west-1:111122223333:rule/ObjectEventRule' },
            StringEquals: { 'aws:SourceAccount': '111122223333' },
          },
        },
      ]);
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
