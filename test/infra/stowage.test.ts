import { App, Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { PhotoStack } from '../../infra/example/app.ts';
import { Stowage, type StowageProps } from '../../infra/stowage.ts';
import { onlyResource, resourcesOfType, type Template, testContext } from './templates.ts';

const newApp = () => new App({ context: testContext, builtinCloudFormationValidation: false });

function synthesizeStack(stack: (app: App) => Stack): Template {
  const app = newApp();
  const { artifactId } = stack(app);
  return app.synth().getStackArtifact(artifactId).template;
}

describe('the example app', () => {
  const template = synthesizeStack((app) => new PhotoStack(app, 'Photos'));

  test('has its buckets, its records, its secrets and its API in one stack', () => {
    expect(resourcesOfType(template, 'AWS::S3::Bucket').map(([id]) => id.slice(0, -8))).toEqual([
      'StorageDataAccessLogs',
      'StorageDataBucketsoriginals',
      'StorageDataBucketsthumbnails',
    ]);
    expect(resourcesOfType(template, 'AWS::SecretsManager::Secret')).toHaveLength(2);
    onlyResource(template, 'AWS::DynamoDB::GlobalTable');
    const handlers = resourcesOfType(template, 'AWS::Lambda::Function').map(
      ([, { Properties }]) => Properties['Handler'],
    );
    expect(handlers).toContain('api.handler');
    onlyResource(template, 'AWS::Backup::BackupPlan');
    expect(onlyResource(template, 'AWS::ApiGatewayV2::Stage').Properties).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
    });
  });

  test('hands out where the API answers and where its key is kept', () => {
    const { StorageUrl, StorageRootKey } = template.Outputs ?? {};
    expect(JSON.stringify(StorageUrl?.Value)).toMatch(/https:\/\/.*StorageServiceFrontDoorApi/);
    expect(StorageRootKey?.Value).toEqual({ Ref: expect.stringMatching(/^StorageDataRootKey/) });
  });
});

describe('the construct', () => {
  const add = (props: Partial<StowageProps>) =>
    synthesizeStack((app) => {
      const stack = new Stack(app, 'Mine');
      const { node } = new Stowage(stack, 'Storage', { config: { buckets: { files: {} } }, ...props });
      expect(node.path).toBe('Mine/Storage');
      return stack;
    });

  test('refuses a configuration that is not valid, with every fault', () => {
    expect(() =>
      add({ config: { buckets: {} }, throttle: { requestsPerSecond: 1, burstRequests: 1 } }),
    ).toThrow(
      /config of Mine\/Storage is not a valid configuration:\s+buckets: must name at least one bucket/,
    );
  });

  test('refuses settings that contradict the configuration', () => {
    const issuers = [{ issuer: 'https://id.example.com/', audience: 'stowage' }];
    expect(() => add({ network: true, config: { buckets: { files: {} }, access: { issuers } } })).toThrow(
      /keeps the keys of OIDC issuers out of reach/,
    );
  });

  test('stands twice in a stack, under two names', () => {
    const template = synthesizeStack((app) => {
      const stack = new Stack(app, 'Mine');
      const both = ['Inside', 'Outside'].map(
        (id) => new Stowage(stack, id, { config: { buckets: { files: {} } }, backup: true }),
      );
      expect(both[0]?.url).not.toEqual(both[1]?.url);
      return stack;
    });
    const vaults = resourcesOfType(template, 'AWS::Backup::BackupVault');
    expect(vaults.map(([, { Properties }]) => Properties['BackupVaultName'])).toEqual([
      'stowage-inside',
      'stowage-outside',
    ]);
  });

  test('has a network and a REST API when it is told so', () => {
    const template = add({ network: true, frontDoor: 'rest', canary: true });
    onlyResource(template, 'AWS::EC2::VPC');
    onlyResource(template, 'AWS::ApiGateway::RestApi');
    onlyResource(template, 'AWS::CodeDeploy::DeploymentGroup');
    expect(resourcesOfType(template, 'AWS::ApiGatewayV2::Api')).toEqual([]);
  });
});
