import { join } from 'node:path';
import { openEmbeddedStore } from '../../../../lib/embedded/store.ts';
import { listen } from '../../../../lib/hosts/node.ts';
import { suiteConfiguration } from '../../../hosts/suite/host.ts';
import { startAppConfig } from '../../../support/app-config.ts';
import { startCloudFront } from '../../../support/cloudfront.ts';
import { cdnKey } from '../../../support/cdn-key.ts';
import { startLocalSqs } from '../../../support/local-sqs.ts';
import { createRecordsTable, deleteRecordsTable } from '../../../support/records-table.ts';
import { startSecretsManager } from '../../../support/secrets-manager.ts';
import { rootKey, storeCredentials } from '../../../support/service.ts';
import type { Cloud } from '../cloud.ts';
import { isVersioned } from '../iam/calls.ts';
import { arnsNamedBy } from '../iam/named-resources.ts';

/** The services of AWS that functions call, as they can be had on one machine, holding what its environment names. */
export interface StandIns {
  readonly s3Url: string;
  readonly secretsManagerUrl: string;
  readonly appConfigUrl: string;
  readonly cloudFrontUrl: string;
  readonly sqsUrl: string;
  readonly close: () => Promise<void>;
}

export interface StandInOptions {
  readonly folder: string;
  readonly region: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly cloud: Cloud;
  /** Where the table is to be made that the environment names. */
  readonly dynamodbUrl?: string | undefined;
}

export async function startStandIns({
  folder,
  region,
  environment,
  cloud,
  dynamodbUrl,
}: StandInOptions): Promise<StandIns> {
  const secrets = new Map([
    [environment['STOWAGE_ROOT_KEY_SECRET_ARN'], rootKey],
    [environment['STOWAGE_CDN_KEY_SECRET_ARN'], cdnKey.privatePem],
    [environment['STOWAGE_SIGNING_SECRET_ARN'], JSON.stringify({ current: generatedSecret })],
  ]);
  const arns = Object.values(environment).flatMap((value) => arnsNamedBy(value, cloud));
  const store = await openEmbeddedStore({
    dataDir: join(folder, 'data'),
    credentials: storeCredentials,
    region,
    buckets: arns
      .filter((arn) => arn.startsWith(bucketPrefix))
      .map((arn) => ({ name: arn.slice(bucketPrefix.length), versioning: isVersioned(arn, cloud) })),
    corsOrigins: () => suiteConfiguration.access.corsOrigins,
    log: () => {},
  });
  const secretsManager = await startSecretsManager(
    Object.fromEntries(
      arns
        .filter((arn) => arn.includes(':secretsmanager:'))
        .map((arn) => [arn, [secrets.get(arn) ?? generatedSecret]]),
    ),
  );
  const appConfig = await startAppConfig();
  const cloudFront = await startCloudFront();
  const queueUrls = Object.values(environment).filter((value) => value.startsWith('https://sqs.'));
  const sqs = await startLocalSqs(URL.parse(queueUrls[0] ?? '')?.pathname.split('/')[1]);
  for (const url of queueUrls) await sqs.createNamed(new URL(url).pathname.split('/')[2] ?? '');
  const { STOWAGE_TABLE_NAME: table } = environment;
  const hasTable = dynamodbUrl !== undefined && table !== undefined;
  if (hasTable) await createRecordsTable(dynamodbUrl, table);
  return {
    s3Url: `http://127.0.0.1:${await listen(store.server, 0, '127.0.0.1')}`,
    secretsManagerUrl: secretsManager.url,
    appConfigUrl: appConfig.url,
    cloudFrontUrl: cloudFront.url,
    sqsUrl: sqs.origin,
    close: async () => {
      await sqs.stop();
      await secretsManager.close();
      await appConfig.close();
      await cloudFront.close();
      if (hasTable) await deleteRecordsTable(dynamodbUrl, table);
      await store.close();
    },
  };
}

const bucketPrefix = 'arn:aws:s3:::';

/** What AWS would draw for every secret but the root key. */
export const generatedSecret = 'aB3'.repeat(20);
