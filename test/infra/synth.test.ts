import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { App } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addStacks } from '../../infra/app.ts';
import { bundleFunction } from '../../infra/bundle.ts';
import { stageNamed } from '../../infra/stages.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { toApiGatewayEvent } from '../support/api-gateway-event.ts';
import { startEmptyTable } from '../support/empty-table.ts';
import { startLambda } from '../support/lambda-process.ts';
import { startAppConfig } from '../support/app-config.ts';
import { startSecretsManager } from '../support/secrets-manager.ts';
import { resolve } from './resolve.ts';
import { functionOf, resourcesOfType, richConfig, type Template, testContext } from './templates.ts';

describe('cdk synth', () => {
  const directory = mkdtempSync(join(tmpdir(), 'stowage-synth-'));
  const assembly = join(directory, 'cdk.out');
  afterAll(() => rmSync(directory, { recursive: true }));

  beforeAll(async () => {
    const configFile = join(directory, 'stowage.json');
    writeFileSync(configFile, JSON.stringify(richConfig));
    await promisify(execFile)(
      process.execPath,
      [
        'node_modules/aws-cdk/bin/cdk',
        'synth',
        '--no-lookups',
        '--quiet',
        `--output=${assembly}`,
        '--context=stage=prod',
      ],
      {
        cwd: join(import.meta.dirname, '../..'),
        // Without credentials; and its `node` is the one that runs this.
        env: {
          PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
          HOME: directory,
          STOWAGE_CONFIG: configFile,
        },
      },
    );
  }, 240_000);

  const readTemplate = (name: string): Template =>
    JSON.parse(readFileSync(join(assembly, `Stowage-prod-${name}.template.json`), 'utf8'));

  function bundle(): string {
    const { Code } = functionOf(readTemplate('Api'), 'api').Properties;
    return join(assembly, `asset.${String(Object(Code).S3Key).replace(/\.zip$/, '')}`);
  }

  test('gives the stacks of the stage', () => {
    expect(readdirSync(assembly).filter((name) => name.endsWith('.template.json'))).toEqual([
      'Stowage-prod-Api.template.json',
      'Stowage-prod-Data.template.json',
      'Stowage-prod-Edge.template.json',
      'Stowage-prod-Events.template.json',
      'Stowage-prod-Network.template.json',
      'Stowage-prod-Ops.template.json',
      'Stowage-prod-Pipeline.template.json',
      'Stowage-prod-Replica.template.json',
    ]);
  });

  test('gives a bundle that serves with what the templates give it', async () => {
    const templates = [readTemplate('Api'), readTemplate('Data')];
    // Away from the project, so that nothing is found in its node_modules.
    const task = join(directory, 'task');
    cpSync(bundle(), task, { recursive: true });

    const rootKey = generated('RootKey');
    const secretArn = (id: string) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${id}`;
    const secretsManager = await startSecretsManager({
      [secretArn('RootKey')]: [rootKey],
      [secretArn('SigningSecret')]: [generated('SigningSecret')],
      [secretArn('OriginSecret1')]: [generated('OriginSecret1')],
    });
    const appConfig = await startAppConfig();
    const table = await startEmptyTable();
    const { Environment } = functionOf(readTemplate('Api'), 'api').Properties;
    const lambda = await startLambda(join(task, 'api.mjs'), {
      ...resolve(Object(Environment).Variables, templates),
      STOWAGE_CONFIG: join(task, 'stowage.json'),
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_SESSION_TOKEN: 'example',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
      AWS_ENDPOINT_URL_APPCONFIGDATA: appConfig.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
    });
    try {
      const asked = (headers: Readonly<Record<string, string>>) =>
        lambda.invoke(
          toApiGatewayEvent(
            'POST',
            '/v1/downloads',
            { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json', ...headers },
            JSON.stringify({ items: [{ bucket: 'media', key: 'film.mp4' }] }),
          ),
        );
      // Past CloudFront there is no answer.
      expect((await asked({})).result.statusCode).toBe(403);
      const { result } = await asked({ 'x-stowage-origin': generated('OriginSecret1') });
      expect(result.statusCode, result.body).toBe(200);
      // In INIT, and not for each request.
      expect(appConfig.calls).toEqual(['POST /configurationsessions', 'GET /configuration']);
      expect(result.body).toContain('https://Bucketsmedia.s3.eu-west-1.amazonaws.com/film.mp4?');
    } finally {
      await lambda.stop();
      await secretsManager.close();
      await appConfig.close();
      await table.close();
    }

    /** A secret as Secrets Manager would draw it. */
    function generated(id: string): string {
      const [, secret] =
        resourcesOfType(readTemplate('Data'), 'AWS::SecretsManager::Secret').find(([logicalId]) =>
          logicalId.startsWith(id),
        ) ?? [];
      const { PasswordLength, SecretStringTemplate, GenerateStringKey } = Object(
        secret?.Properties['GenerateSecretString'],
      );
      const drawn = 'aB3'.repeat(PasswordLength).slice(0, PasswordLength);
      if (GenerateStringKey === undefined) return drawn;
      return JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: drawn });
    }
  });

  test('puts the configuration beside it, with every default filled in', () => {
    const text = readFileSync(join(bundle(), 'stowage.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(parseConfig(richConfig));
  });

  test('bundles the same bytes wherever it writes them', () => {
    const again = join(directory, 'some/where/else');
    bundleFunction('api', parseConfig(richConfig), again);
    const contents = (folder: string) =>
      Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
    expect(contents(again)).toEqual(contents(bundle()));
  });
});

test('a template that breaks a rule of CloudFormation stops the synth', () => {
  const app = new App({ context: testContext });
  const { data } = addStacks(app, stageNamed('dev'), parseConfig({ buckets: { files: {} } }));
  for (const construct of data.node.findAll()) {
    if (CfnBucket.isCfnBucket(construct)) construct.addPropertyOverride('LoggingConfigurations', 'misspelt');
  }
  expect(() => app.synth()).toThrow(/LoggingConfigurations/);
});
