import { createPublicKey } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { suiteConfiguration } from '../hosts/suite/host.ts';
import { hostSuite } from '../hosts/suite/host-suite.ts';
import { changesBatch } from '../support/cloudfront.ts';
import { startCloudFormation } from '../support/cloud-formation.ts';
import { startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { startRotatingSecret } from '../support/rotating-secret.ts';
import { rootKey } from '../support/service.ts';
import { type Cloud, resourcesOf, synthesizeCloud } from './verification/cloud.ts';
import { secretsRotatedBy } from './verification/iam/named-resources.ts';
import { recordFile } from './verification/iam/recorded-calls.ts';
import { apiHost } from './verification/recording/api-host.ts';
import { generatedSecret } from './verification/recording/stand-ins.ts';
import { deliverEverything } from './verification/recording/delivery-messages.ts';
import { maintainEverything } from './verification/recording/maintenance-work.ts';
import { tellOfEverything } from './verification/recording/object-event-messages.ts';
import {
  environmentOf,
  type FunctionUnderItsRole,
  type RoleOptions,
  startUnderItsRole,
} from './verification/recording/under-its-role.ts';

/**
 * The bundles that are deployed, in the environment and under the role that the templates give them: whatever IAM would
 * refuse is refused here, addresses that a bundle has signed for others included.
 */

const cloud = synthesizeCloud('prod', suiteConfiguration);
const started: FunctionUnderItsRole[] = [];
const dynamodb = await startDynamoDbLocal();
afterAll(() => dynamodb?.stop());
/** Of the functions that do nothing without records. */
const testWithRecords = test.skipIf(!dynamodb);

async function start(entry: string, options?: RoleOptions): Promise<FunctionUnderItsRole> {
  const running = await startUnderItsRole(entry, cloud, { dynamodbUrl: dynamodb?.endpoint, ...options });
  started.push(running);
  return running;
}

hostSuite('on Lambda, under its role', async () => apiHost(await start('api')));

test('the console is published under its role', async () => {
  const cloudFormation = await startCloudFormation();
  const publisher = await start('publish-console');
  try {
    await mkdir(join(publisher.task, 'console'));
    await writeFile(join(publisher.task, 'console/index.html'), '<title>Stowage</title>');
    await publisher.invoke(cloudFormation.creating());
    expect(cloudFormation.answer()).toMatchObject({ Status: 'SUCCESS' });
  } finally {
    await publisher.close();
    await cloudFormation.close();
  }
});

test('the key for CloudFront is made under its role, once', async () => {
  const SecretArn = environmentOf('make-cdn-key', cloud)['STOWAGE_CDN_KEY_SECRET_ARNS'] ?? '';
  const secret = await startRotatingSecret(generatedSecret, SecretArn);
  const cloudFormation = await startCloudFormation();
  const maker = await start('make-cdn-key', { secretsManagerUrl: secret.url });
  const make = async () => {
    await maker.invoke(cloudFormation.creating({ SecretArn }));
    return cloudFormation.answer();
  };
  try {
    const first = await make();
    const publicKey = createPublicKey(secret.at('AWSCURRENT') ?? '');
    expect(publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    const PublicKey = publicKey.export({ type: 'spki', format: 'pem' });
    expect(first).toMatchObject({ Status: 'SUCCESS', Data: { PublicKey } });
    expect(await make()).toEqual(first);
  } finally {
    await maker.close();
    await cloudFormation.close();
    await secret.close();
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

testWithRecords(
  'what has changed goes out of the caches of CloudFront under its role',
  async () => {
    const invalidation = await start('cdn-invalidation');
    try {
      const names: Record<string, string> = JSON.parse(
        environmentOf('cdn-invalidation', cloud)['STOWAGE_S3_BUCKET_NAMES'] ?? '',
      );
      const created = changesBatch(['Object Created', names['images'] ?? '', 'a']);
      for (const batch of [created, created]) {
        expect((await invalidation.invoke(batch)).result).toEqual({ batchItemFailures: [] });
      }
    } finally {
      await invalidation.close();
    }
  },
  240_000,
);

testWithRecords.each(['move', 'tag'] as const)(
  'object events have their effect under their role: %s',
  async (quarantine) => {
    const worker = await start('object-events', { quarantine });
    try {
      await tellOfEverything(worker, cloud, quarantine);
    } finally {
      await worker.close();
    }
  },
  240_000,
);

testWithRecords(
  'webhooks are delivered under their role',
  async () => {
    const worker = await start('webhook-delivery');
    try {
      await deliverEverything(worker);
    } finally {
      await worker.close();
    }
  },
  240_000,
);

testWithRecords(
  'maintenance settles, counts and measures under its role',
  async () => {
    const worker = await start('maintenance');
    try {
      await maintainEverything(worker, cloud);
    } finally {
      await worker.close();
    }
  },
  240_000,
);

describe('what they have needed', () => {
  test('was never refused', () => {
    expect(started.flatMap(({ refused }) => refused)).toEqual([]);
  });

  test('is what the roles are verified against', async ({ skip }) => {
    skip(!started.every(({ isWhole }) => isWhole), 'there is no stand-in here for all that they call');
    const lines = [...new Set(started.flatMap(({ needed }) => needed))].map((line) => `${line}\n`);
    await expect(
      lines.join(''),
      'if this is meant, run: CI=true npx vitest run test/infra/under-its-role -u',
    ).toMatchFileSnapshot(recordFile);
  });
});

test('a role that lacks a permission is refused', async () => {
  const poorer: Cloud = JSON.parse(
    JSON.stringify(cloud).replaceAll('"s3:ListBucket","s3:ListBucketM', '"s3:ListBucketM'),
  );
  const api = await startUnderItsRole('api', poorer);
  const host = apiHost(api);
  try {
    const { status } = await host.request('GET', '/v1/objects/files', { authorization: `Bearer ${rootKey}` });
    expect(status).toBe(502);
    expect(api.refused).toEqual([expect.stringContaining('s3:ListBucket on arn:aws:s3:::')]);
  } finally {
    await host.close();
  }
}, 240_000);
