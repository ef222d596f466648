import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunction } from '../../../../infra/bundle.ts';
import { createDynamoRecords } from '../../../../lib/records/dynamodb.ts';
import type { Records } from '../../../../lib/records/port.ts';
import { parseConfig } from '../../../../lib/config/load.ts';
import { suiteConfiguration } from '../../../hosts/suite/host.ts';
import type { Queue } from '../../../../lib/queue/port.ts';
import { type LambdaProcess, startLambda } from '../../../support/lambda-process.ts';
import { openLocalQueue } from '../../../support/local-sqs.ts';
import { storeCredentials } from '../../../support/service.ts';
import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { dig } from '../dig.ts';
import { arnsNamedBy, rotatedSecret, secretsRotatedBy } from '../iam/named-resources.ts';
import { propertiesOf } from '../resolve.ts';
import { appConfigPermissions } from './app-config-permissions.ts';
import { cloudFrontPermissions } from './cloudfront-permissions.ts';
import type { AwsRequest, NeededPermission } from './aws-request.ts';
import { startGatekeeper } from './gatekeeper.ts';
import { jsonPermissions } from './json-permissions.ts';
import { roleGate } from './role-gate.ts';
import { s3Permissions } from './s3-permissions.ts';
import { startStandIns } from './stand-ins.ts';

/** A function as it is deployed, with stand-ins for what it calls that ask IAM first. */
export interface FunctionUnderItsRole {
  readonly invoke: LambdaProcess['invoke'];
  /** What it has written to its log. */
  readonly output: LambdaProcess['output'];
  /** The store that stands in for S3, past IAM. */
  readonly s3Url: string;
  /** The queue that it works on and the one for its dead letters, past IAM. */
  readonly openQueue: () => Queue;
  /** What stands in for DynamoDB, past IAM; absent where the machine has nothing. */
  readonly openRecords?: (() => Records) | undefined;
  /** Where its code lies. */
  readonly task: string;
  /** What has been asked for so far, in the form of `recorded-calls.txt`. */
  readonly needed: readonly string[];
  readonly refused: readonly string[];
  /** Whether there was a stand-in for everything that the function calls. */
  readonly isWhole: boolean;
  readonly close: () => Promise<void>;
}

export interface RoleOptions {
  /** DynamoDB Local, past IAM. Default: there are no records. */
  readonly dynamodbUrl?: string | undefined;
  /** Default: a stand-in that gives every secret a value. */
  readonly secretsManagerUrl?: string;
  /** In every bucket. Default: move. */
  readonly quarantine?: 'move' | 'tag';
}

/** With quotas that nothing reaches, so that what is stored is counted in the records. */
const counting = {
  ...suiteConfiguration,
  quotas: Object.keys(suiteConfiguration.buckets).map((bucket) => ({
    tenant: '*',
    bucket,
    maxBytes: 2 ** 50,
    maxObjects: 2 ** 50,
  })),
};

/** The variables that the templates give to a function. */
export function environmentOf(entry: string, cloud: Cloud): Readonly<Record<string, string>> {
  return Object(dig(propertiesOf(functionOf(entry, cloud), cloud), 'Environment', 'Variables'));
}

function functionOf(entry: string, cloud: Cloud): Placed {
  const [found] = resourcesOf(cloud, 'AWS::Lambda::Function').filter(
    ({ resource }) => resource.Properties?.['Handler'] === `${entry}.handler`,
  );
  if (!found) throw new Error(`The stage ${cloud.stage} has no function ${entry}.`);
  return found;
}

/**
 * Starts the bundle of a function with the environment that the templates give it.
 *
 * @param entry - the file in `functions/`, without its ending
 * @param cloud - made of {@link suiteConfiguration}
 */
export async function startUnderItsRole(
  entry: string,
  cloud: Cloud,
  { dynamodbUrl, secretsManagerUrl, quarantine = 'move' }: RoleOptions = {},
): Promise<FunctionUnderItsRole> {
  const lambdaFunction = functionOf(entry, cloud);
  const { region } = lambdaFunction.stack;
  const environment = environmentOf(entry, cloud);

  const folder = await mkdtemp(join(tmpdir(), 'stowage-role-'));
  const task = join(folder, 'task');
  const aws = await startStandIns({ folder, region, environment, cloud, dynamodbUrl });
  const { buckets, ...configuration } = dynamodbUrl === undefined ? suiteConfiguration : counting;
  const config = parseConfig({
    ...configuration,
    buckets: Object.fromEntries(
      Object.entries(buckets).map(([name, rules]) => [name, { ...rules, quarantine }]),
    ),
  });
  bundleFunction(entry, config, task);

  const needed = new Set<string>();
  const refused = new Set<string>();
  /** What pointed the code to a resource. */
  const namedBy = ({ resource }: NeededPermission): string => {
    if (secretsRotatedBy(lambdaFunction, cloud).includes(resource)) return rotatedSecret;
    for (const [variable, value] of Object.entries(environment)) {
      for (const arn of arnsNamedBy(value, cloud)) {
        if (resource === arn) return variable;
        if (resource.startsWith(`${arn}/`)) return `${variable}/*`;
      }
    }
    return `${resource}, which nothing names`;
  };
  const refusalOf = roleGate(lambdaFunction, cloud);
  const guarded = (targetUrl: string, permissionsFor: (request: AwsRequest) => NeededPermission[]) =>
    startGatekeeper({
      targetUrl,
      permissionsFor,
      isAllowed: async (permission) => {
        needed.add(`${entry} ${permission.action} ${namedBy(permission)}`);
        const refusal = await refusalOf(permission);
        if (refusal !== undefined) refused.add(refusal);
        return refusal === undefined;
      },
    });
  const json = (request: AwsRequest) => jsonPermissions(request, lambdaFunction.stack);
  const s3 = await guarded(aws.s3Url, s3Permissions);
  const appConfig = await guarded(aws.appConfigUrl, (request) =>
    appConfigPermissions(request, lambdaFunction.stack),
  );
  const cloudFront = await guarded(aws.cloudFrontUrl, (request) =>
    cloudFrontPermissions(request, lambdaFunction.stack),
  );
  const secrets = await guarded(secretsManagerUrl ?? aws.secretsManagerUrl, json);
  const sqs = await guarded(aws.sqsUrl, json);
  const dynamodb = dynamodbUrl === undefined ? undefined : await guarded(dynamodbUrl, json);
  const queues = Object.entries(environment)
    .filter(([, value]) => value.startsWith('https://sqs.'))
    .map(([name, value]) => [name, sqs.url + new URL(value).pathname]);

  const { STOWAGE_TABLE_NAME: table, ...others } = environment;
  const lambda = await startLambda(join(task, `${entry}.mjs`), {
    ...others,
    ...Object.fromEntries(queues),
    ...(table !== undefined &&
      dynamodb && { STOWAGE_TABLE_NAME: table, AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url }),
    STOWAGE_CONFIG: join(task, 'stowage.json'),
    STOWAGE_S3_ENDPOINT: s3.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ENDPOINT_URL_APPCONFIGDATA: appConfig.url,
    AWS_ENDPOINT_URL_CLOUDFRONT: cloudFront.url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: storeCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: storeCredentials.secretAccessKey,
  });
  return {
    invoke: lambda.invoke,
    output: lambda.output,
    s3Url: aws.s3Url,
    openQueue: () =>
      openLocalQueue(
        {
          queueUrl: environment['STOWAGE_QUEUE_URL'] ?? '',
          deadLetterQueueUrl: environment['STOWAGE_DEAD_LETTER_QUEUE_URL'] ?? '',
        },
        aws.sqsUrl,
      ),
    openRecords:
      table === undefined || dynamodbUrl === undefined
        ? undefined
        : () =>
            createDynamoRecords({
              table,
              connection: { region, credentials: storeCredentials, endpoint: dynamodbUrl },
            }),
    task,
    get needed() {
      return [...needed].toSorted();
    },
    get refused() {
      return [...refused].toSorted();
    },
    isWhole: table === undefined || dynamodb !== undefined,
    close: async () => {
      await lambda.stop();
      for (const server of [s3, secrets, appConfig, cloudFront, sqs, dynamodb, aws]) await server?.close();
      await rm(folder, { recursive: true });
    },
  };
}
