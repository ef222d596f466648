import { describe, expect, test } from 'vitest';
import { resolve } from './resolve.ts';
import { functionOf, onlyResource, resourcesOfType, synthesize } from './templates.ts';

const { data, api } = synthesize();
const lambda = functionOf(api, 'api').Properties;
const [[alias] = []] = resourcesOfType(api, 'AWS::Lambda::Alias');

describe('the API function', () => {
  test('runs as Lambda is asked to run it', () => {
    expect(lambda).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'api.handler',
      MemorySize: 512,
      Timeout: 29,
      TracingConfig: { Mode: 'Active' },
    });
  });

  test('logs to a group that forgets', () => {
    const { LogGroup, ...logging } = Object(lambda['LoggingConfig']);
    expect(logging).toEqual({ LogFormat: 'JSON' });
    expect(api.Resources[LogGroup.Ref]).toMatchObject({
      Type: 'AWS::Logs::LogGroup',
      Properties: { RetentionInDays: 7 },
    });
  });

  const variables: Record<string, string> = resolve(Object(lambda['Environment']).Variables, [api, data]);
  const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';

  test('finds exactly this in its environment', () => {
    expect(variables).toEqual({
      NODE_OPTIONS: '--enable-source-maps',
      STOWAGE_STAGE: 'dev',
      STOWAGE_CONFIG: '/var/task/stowage.json',
      STOWAGE_S3_BUCKET_NAMES: '{"media":"Bucketsmedia","plain":"Bucketsplain"}',
      STOWAGE_TABLE_NAME: 'Records',
      STOWAGE_DELIVERY_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/DeliveriesQueue',
      STOWAGE_SIGNING_SECRET_ARN: `${secret}SigningSecret`,
      STOWAGE_ROOT_KEY_SECRET_ARN: `${secret}RootKey`,
    });
  });

  test('may use what its environment names, and nothing that it does not name', () => {
    const policy = onlyResource(api, 'AWS::IAM::Policy').Properties.PolicyDocument;
    const granted = (action: string) =>
      resolve(policy?.Statement ?? [], [api, data])
        .filter(({ Action }) => [Action].flat().includes(action))
        .flatMap(({ Resource }) => Resource);
    const names: Record<string, string> = JSON.parse(variables['STOWAGE_S3_BUCKET_NAMES'] ?? '');
    const buckets = Object.values(names).map((name) => `arn:aws:s3:::${name}`);
    const secrets = Object.values(variables).filter((value) => value.startsWith(secret));

    expect(new Set(granted('s3:ListBucket'))).toEqual(new Set(buckets));
    expect(new Set(granted('s3:PutObject'))).toEqual(new Set(buckets.map((bucket) => `${bucket}/*`)));
    expect(new Set(granted('secretsmanager:GetSecretValue'))).toEqual(new Set(secrets));
  });
});

describe('the front door', () => {
  test('hands every request to the live version, in payload format 2.0', () => {
    expect(onlyResource(api, 'AWS::ApiGatewayV2::Api').Properties).toMatchObject({ ProtocolType: 'HTTP' });
    expect(onlyResource(api, 'AWS::ApiGatewayV2::Route').Properties).toMatchObject({ RouteKey: '$default' });
    expect(onlyResource(api, 'AWS::ApiGatewayV2::Integration').Properties).toMatchObject({
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: { Ref: alias },
      PayloadFormatVersion: '2.0',
    });
  });

  test('and nothing else may call the function', () => {
    const { FunctionName, ...permission } = onlyResource(api, 'AWS::Lambda::Permission').Properties;
    expect(FunctionName).toEqual({ Ref: alias });
    expect(resolve(permission, [api])).toEqual({
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: 'arn:aws:execute-api:eu-west-1:111122223333:FrontDoorApi/*/*',
    });
  });

  test('logs each request as one JSON object, and never its query', () => {
    const stage = resolve(onlyResource(api, 'AWS::ApiGatewayV2::Stage').Properties, [api]);
    expect(stage).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      AccessLogSettings: {
        DestinationArn: 'arn:aws:logs:eu-west-1:111122223333:log-group:FrontDoorAccessLogs:*',
      },
    });
    const { Format } = Object(stage['AccessLogSettings']);
    expect(JSON.parse(Format)).toMatchObject({ status: '$context.status', path: '$context.path' });
    expect(Format).not.toMatch(/query|\$context\.(?:routeKey|authorizer)/i);
  });
});

test('the outputs say where the API answers and what the buckets are called', () => {
  expect(Object.keys(api.Outputs ?? {})).toEqual(['Url']);
  const own = Object.values(data.Outputs ?? {}).filter(({ Export }) => !Export);
  expect(own.map(({ Value }) => resolve(Value, [data]))).toEqual([
    'Bucketsmedia',
    'Bucketsplain',
    'Records',
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:RootKey',
  ]);
});
