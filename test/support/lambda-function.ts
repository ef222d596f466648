import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundleFunction } from '../../infra/bundle.ts';
import { type Config } from '../../lib/config/schema.ts';
import { cdnKey } from './cdn-key.ts';
import { type SecretAnswers, startSecretsManager } from './secrets-manager.ts';
import { region, rootKey, storeCredentials } from './service.ts';

/** `functions/api.ts` as it is deployed: bundled, in a folder with its configuration, and all that it asks of AWS. */
export interface LambdaFunction {
  readonly modulePath: string;
  readonly metafile: Metafile;
  /** Beside these, Lambda sets only what is its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** How often it has read its signing keys. */
  readonly signingKeyReads: () => number;
  readonly close: () => Promise<void>;
}

const signingSecretArn = `arn:aws:secretsmanager:${region}:123456789012:secret:signing-AbCdEf`;
const rootKeySecretArn = `arn:aws:secretsmanager:${region}:123456789012:secret:root-key-AbCdEf`;
const cdnKeySecretArn = `arn:aws:secretsmanager:${region}:123456789012:secret:cdn-key-AbCdEf`;

/** The table that DynamoDB is to have. */
export const recordsTable = 'stowage';

export interface LambdaSurroundings {
  /** Default: AWS itself, which signing alone never calls. */
  readonly s3Url?: string;
  /** Default: there are no records. */
  readonly dynamodbUrl?: string;
  /** Default: there are no webhooks. */
  readonly deliveryQueueUrl?: string;
  /** What the signing secret holds, in turn. */
  readonly signingSecret?: SecretAnswers;
}

export async function buildLambdaFunction(
  config: Config,
  {
    s3Url,
    dynamodbUrl,
    deliveryQueueUrl,
    signingSecret = [JSON.stringify({ current: 'the signing secret of the tests, long enough' })],
  }: LambdaSurroundings = {},
): Promise<LambdaFunction> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-function-'));
  const metafile = bundleFunction('api', config, folder);
  const secretsManager = await startSecretsManager({
    [signingSecretArn]: signingSecret,
    [rootKeySecretArn]: [rootKey],
    [cdnKeySecretArn]: [cdnKey.privatePem],
  });
  return {
    modulePath: join(folder, 'api.mjs'),
    metafile,
    environment: {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: storeCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: storeCredentials.secretAccessKey,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
      STOWAGE_CONFIG: join(folder, 'stowage.json'),
      STOWAGE_SIGNING_SECRET_ARN: signingSecretArn,
      STOWAGE_ROOT_KEY_SECRET_ARN: rootKeySecretArn,
      STOWAGE_CDN_KEY_PAIR_ID: cdnKey.keyPairId,
      STOWAGE_CDN_KEY_SECRET_ARN: cdnKeySecretArn,
      ...(s3Url !== undefined && { STOWAGE_S3_ENDPOINT: s3Url }),
      ...(dynamodbUrl !== undefined && {
        STOWAGE_TABLE_NAME: recordsTable,
        AWS_ENDPOINT_URL_DYNAMODB: dynamodbUrl,
      }),
      ...(deliveryQueueUrl !== undefined && { STOWAGE_DELIVERY_QUEUE_URL: deliveryQueueUrl }),
    },
    signingKeyReads: () => secretsManager.asked.get(signingSecretArn) ?? 0,
    close: async () => {
      await secretsManager.close();
      await rm(folder, { recursive: true });
    },
  };
}
