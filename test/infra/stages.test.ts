import { describe, expect, test } from 'vitest';
import { onlyResource, resourcesOfType, synthesize } from './templates.ts';

const stages = ['dev', 'staging', 'prod'];

describe.each(stages)('%s', (stage) => {
  const { data, api } = synthesize(stage);

  test('allows no action by a wildcard, but the key to its own account', () => {
    const allowed = [data, api]
      .flatMap(({ Resources }) => Object.values(Resources))
      .flatMap(({ Properties: { PolicyDocument, KeyPolicy } }) => [PolicyDocument, KeyPolicy])
      .flatMap((policy) => policy?.Statement ?? [])
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action);
    expect(allowed.filter((action) => action.includes('*'))).toEqual(['kms:*']);
    expect(allowed).toContain('s3:PutObject');
  });

  test('writes no secret down', () => {
    const text = JSON.stringify([data, api]);
    expect(text).not.toMatch(/"SecretString"|stow_[\w-]{4}|AKIA[A-Z0-9]{16}|BEGIN [A-Z ]*PRIVATE KEY/);
  });

  test('comes out the same every time', () => {
    expect(synthesize(stage)).toEqual(synthesize(stage));
  });
});

test('a stage differs in what it keeps, takes and protects', () => {
  const differences = stages.map((stage) => {
    const { data, api, terminationProtection } = synthesize(stage);
    const logGroups = resourcesOfType(api, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);
    const { DefaultRouteSettings } = onlyResource(api, 'AWS::ApiGatewayV2::Stage').Properties;
    const lambda = onlyResource(api, 'AWS::Lambda::Function').Properties;
    const accessLogs = resourcesOfType(data, 'AWS::S3::Bucket').find(([id]) => id.startsWith('AccessLogs'));
    const lifecycle = Object(accessLogs?.[1].Properties['LifecycleConfiguration']);
    return {
      stage: Object(lambda['Environment']).Variables.STOWAGE_STAGE,
      logDays: [
        ...logGroups.map(({ RetentionInDays }) => RetentionInDays),
        lifecycle.Rules[0].ExpirationInDays,
      ],
      throttle: DefaultRouteSettings,
      reserved: lambda['ReservedConcurrentExecutions'],
      terminationProtection,
    };
  });
  expect(differences).toEqual([
    {
      stage: 'dev',
      logDays: [7, 7, 7],
      throttle: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      reserved: undefined,
      terminationProtection: [false, false],
    },
    {
      stage: 'staging',
      logDays: [30, 30, 30],
      throttle: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
      reserved: undefined,
      terminationProtection: [true, true],
    },
    {
      stage: 'prod',
      logDays: [365, 365, 365],
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
