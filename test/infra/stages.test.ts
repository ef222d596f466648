import { describe, expect, test } from 'vitest';
import {
  everything,
  functionOf,
  onlyResource,
  resourcesOfType,
  richConfig,
  synthesize,
} from './templates.ts';

const stages = ['dev', 'staging', 'prod'];

describe.each(stages)('%s', (stage) => {
  const { stacks } = synthesize(stage, richConfig, everything);
  const resources = Object.values(stacks).flatMap((template) => Object.entries(template.Resources));
  const statements = resources.flatMap(([id, { Type, Properties }]) =>
    [Properties.PolicyDocument, Properties.KeyPolicy]
      .flatMap((policy) => policy?.Statement ?? [])
      .filter(({ Effect }) => Effect === 'Allow')
      .map((statement) => ({ ...statement, id, Type })),
  );

  test('allows no action by a wildcard, but a key to its own account', () => {
    const byWildcard = statements.filter(({ Action }) => [Action].flat().some((name) => name.includes('*')));
    for (const { Type, Action, Principal } of byWildcard) {
      expect({ Type, Action, Principal }).toEqual({
        Type: 'AWS::KMS::Key',
        Action: 'kms:*',
        Principal: { AWS: { 'Fn::Join': ['', expect.arrayContaining([{ Ref: 'AWS::AccountId' }])] } },
      });
    }
    expect(statements.flatMap(({ Action }) => Action)).toContain('s3:PutObject');
  });

  test('allows on everything only what knows no resources', () => {
    const onEverything = statements
      .filter(({ Type, Resource }) => Type === 'AWS::IAM::Policy' && [Resource].flat().includes('*'))
      .flatMap(({ Action }) => Action);
    expect([...new Set(onEverything)].toSorted()).toEqual(
      [
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
        ...(stage === 'dev' ? [] : ['cloudwatch:DescribeAlarms']),
        ...(stage === 'prod'
          ? [
              'cloudwatch:GetMetricData',
              'ec2:AssignPrivateIpAddresses',
              'ec2:CreateNetworkInterface',
              'ec2:DeleteNetworkInterface',
              'ec2:DescribeNetworkInterfaces',
              'ec2:DescribeSubnets',
              'ec2:UnassignPrivateIpAddresses',
              'events:ListRules',
            ]
          : []),
      ].toSorted(),
    );
  });

  test('keeps what holds data, whatever becomes of the stack', () => {
    const holdsData =
      /::(?:S3::Bucket|KMS::Key|DynamoDB::GlobalTable|SecretsManager::Secret|Backup::BackupVault)$/;
    for (const [id, { Type, DeletionPolicy, UpdateReplacePolicy }] of resources) {
      // The alarms' own key is for what is on its way only.
      if (!holdsData.test(Type) || id.startsWith('TopicKey')) continue;
      expect([DeletionPolicy, UpdateReplacePolicy], id).toEqual(['Retain', 'Retain']);
    }
  });

  test('writes no secret down', () => {
    expect(JSON.stringify(stacks)).not.toMatch(
      /"SecretString"\s*:|stow_[\w-]{4}|AKIA[A-Z0-9]{16}|BEGIN [A-Z ]*PRIVATE KEY/,
    );
  });

  test('comes out the same every time', () => {
    expect(synthesize(stage, richConfig, everything).stacks).toEqual(stacks);
  });
});

test('a stage has the stacks that it asks for, and those of the code that there is', () => {
  const has = (stage: string, entries?: ReadonlySet<string>) =>
    Object.keys(synthesize(stage, richConfig, entries).stacks).toSorted();
  expect(has('dev', new Set(['api']))).toEqual(['Api', 'Data']);
  expect(has('dev', everything)).toEqual(['Api', 'Data', 'Events']);
  expect(has('staging', new Set(['api']))).toEqual(['Api', 'Data', 'Edge', 'Ops', 'Pipeline']);
  expect(has('prod', everything)).toEqual([
    'Api',
    'Data',
    'Edge',
    'Events',
    'Network',
    'Ops',
    'Pipeline',
    'Replica',
  ]);
});

test('a stage differs in what it keeps, takes and protects', () => {
  const differences = stages.map((stage) => {
    const { data, api, terminationProtection } = synthesize(stage);
    const logGroups = resourcesOfType(api, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);
    const { DefaultRouteSettings } = onlyResource(api, 'AWS::ApiGatewayV2::Stage').Properties;
    const lambda = functionOf(api, 'api').Properties;
    const accessLogs = resourcesOfType(data, 'AWS::S3::Bucket').find(([id]) => id.startsWith('AccessLogs'));
    const lifecycle = Object(accessLogs?.[1].Properties['LifecycleConfiguration']);
    return {
      stage: Object(lambda['Environment']).Variables.STOWAGE_STAGE,
      logDays: new Set([
        ...logGroups.map(({ RetentionInDays }) => RetentionInDays),
        lifecycle.Rules[0].ExpirationInDays,
      ]),
      throttle: DefaultRouteSettings,
      reserved: lambda['ReservedConcurrentExecutions'],
      terminationProtection,
    };
  });
  expect(differences).toEqual([
    {
      stage: 'dev',
      logDays: new Set([7]),
      throttle: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      reserved: undefined,
      terminationProtection: [false, false],
    },
    {
      stage: 'staging',
      logDays: new Set([30]),
      throttle: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
      reserved: undefined,
      terminationProtection: [true, true],
    },
    {
      stage: 'prod',
      logDays: new Set([365]),
      throttle: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
      reserved: 400,
      terminationProtection: [true, true],
    },
  ]);
});

test('an unknown stage is refused, with the names of those there are', () => {
  expect(() => synthesize('production')).toThrow(
    'There is no stage "production". Stages: dev, staging, prod.',
  );
});
