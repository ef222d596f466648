import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { drain, listen } from '../../lib/hosts/node.ts';
import { suiteConfiguration } from '../hosts/suite/host.ts';
import { hostSuite } from '../hosts/suite/host-suite.ts';
import { startRotatingSecret } from '../support/rotating-secret.ts';
import { rootKey } from '../support/service.ts';
import { type Cloud, resourcesOf, synthesizeCloud } from './verification/cloud.ts';
import { secretsRotatedBy } from './verification/iam/named-resources.ts';
import { recordFile } from './verification/iam/recorded-calls.ts';
import { apiHost } from './verification/recording/api-host.ts';
import { generatedSecret } from './verification/recording/stand-ins.ts';
import { type FunctionUnderItsRole, startUnderItsRole } from './verification/recording/under-its-role.ts';

/**
 * The bundles that are deployed, in the environment and under the role that the templates give them: whatever IAM would
 * refuse is refused here, addresses that a bundle has signed for others included.
 */

const cloud = synthesizeCloud('prod', suiteConfiguration);
const started: FunctionUnderItsRole[] = [];

async function start(
  entry: string,
  options?: { readonly secretsManagerUrl: string },
): Promise<FunctionUnderItsRole> {
  const running = await startUnderItsRole(entry, cloud, options);
  started.push(running);
  return running;
}

hostSuite('on Lambda, under its role', async () => apiHost(await start('api')));

test('the console is published under its role', async () => {
  let answer = '';
  const cloudFormation = createServer((request, response) => {
    void text(request).then((body) => {
      answer = body;
      return response.end();
    });
  });
  const port = await listen(cloudFormation, 0, '127.0.0.1');
  const publisher = await start('publish-console');
  try {
    await mkdir(join(publisher.task, 'console'));
    await writeFile(join(publisher.task, 'console/index.html'), '<title>Stowage</title>');
    await publisher.invoke({
      RequestType: 'Create',
      ResponseURL: `http://127.0.0.1:${port}/`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Published',
    });
    expect(JSON.parse(answer)).toMatchObject({ Status: 'SUCCESS' });
  } finally {
    await publisher.close();
    await drain(cloudFormation, 1);
  }
});

test('the signing secret is rotated under its role', async () => {
  const [arn = ''] = resourcesOf(cloud, 'AWS::Lambda::Function')
    .filter(({ resource }) => resource.Properties?.['Handler'] === 'rotate-secret.handler')
    .flatMap((placed) => secretsRotatedBy(placed, cloud));
  const secret = await startRotatingSecret(JSON.stringify({ current: generatedSecret }), arn);
  const rotation = await start('rotate-secret', { secretsManagerUrl: secret.url });
  try {
    secret.announce('v2');
    for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
      await rotation.invoke({ Step, SecretId: arn, ClientRequestToken: 'v2' });
    }
    expect(secret.stagesOf('v2')).toContain('AWSCURRENT');
  } finally {
    await rotation.close();
    await secret.close();
  }
});

describe('what they have needed', () => {
  test('was never refused', () => {
    expect(started.flatMap(({ refused }) => refused)).toEqual([]);
  });

  test('is what the roles are verified against', async ({ skip }) => {
    skip(!started.every(({ isWhole }) => isWhole), 'there is no stand-in here for all that they call');
    const lines = started.flatMap(({ needed }) => needed).map((line) => `${line}\n`);
    await expect(
      lines.join(''),
      'if this is meant, run: CI=true npx vitest run test/infra/under-its-role -u',
    ).toMatchFileSnapshot(recordFile);
  });
});

test('a role that lacks a permission is refused', async () => {
  const poorer: Cloud = JSON.parse(JSON.stringify(cloud).replaceAll('"s3:ListBucket",', ''));
  const api = await startUnderItsRole('api', poorer);
  const host = apiHost(api);
  try {
    const { status } = await host.request('GET', '/v1/objects/files', { authorization: `Bearer ${rootKey}` });
    expect(status).toBe(502);
    expect(api.refused).toEqual([expect.stringContaining('s3:ListBucket on arn:aws:s3:::')]);
  } finally {
    await host.close();
  }
});
