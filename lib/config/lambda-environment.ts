import * as v from 'valibot';
import { awsEndpoint } from '../storage/endpoint.ts';
import { awsRegion, flag, parseVariables, s3Endpoint, type Variables } from './environment.ts';

/**
 * The variables of the Lambda functions. `STOWAGE_…` come from the CDK app, `AWS_…` from Lambda itself, whose
 * credentials stay the same for as long as an execution environment lives.
 */

export const secretArn = v.pipe(
  v.string(),
  v.regex(/^arn:aws[\w-]*:secretsmanager:/, 'must be the ARN of a secret'),
);

/** What every function has from Lambda itself. */
export const lambdaVariables = {
  AWS_REGION: awsRegion,
  AWS_ACCESS_KEY_ID: v.string(),
  AWS_SECRET_ACCESS_KEY: v.string(),
  AWS_SESSION_TOKEN: v.optional(v.string()),
  AWS_CREDENTIAL_EXPIRATION: v.optional(v.pipe(v.string(), v.isoTimestamp(), v.toDate())),
  AWS_ENDPOINT_URL_SECRETS_MANAGER: v.optional(v.pipe(v.string(), v.url())),
};

const lambdaVariablesSchema = v.object(lambdaVariables);

export function lambdaSettings(variables: v.InferOutput<typeof lambdaVariablesSchema>) {
  return {
    region: variables.AWS_REGION,
    credentials: {
      accessKeyId: variables.AWS_ACCESS_KEY_ID,
      secretAccessKey: variables.AWS_SECRET_ACCESS_KEY,
      ...(variables.AWS_SESSION_TOKEN !== undefined && { sessionToken: variables.AWS_SESSION_TOKEN }),
      ...(variables.AWS_CREDENTIAL_EXPIRATION && { expiresAt: variables.AWS_CREDENTIAL_EXPIRATION }),
    },
    secretsManagerUrl: variables.AWS_ENDPOINT_URL_SECRETS_MANAGER,
  };
}

/** Of the functions that know the configuration and reach its buckets. */
export const storageVariables = {
  STOWAGE_CONFIG: v.optional(v.string(), 'stowage.json'),
  STOWAGE_S3_BUCKET_NAMES: v.optional(
    v.pipe(v.string(), v.parseJson(undefined, 'is not JSON'), v.record(v.string(), v.string())),
    '{}',
  ),
  STOWAGE_S3_ENDPOINT: v.optional(s3Endpoint),
  AWS_ENDPOINT_URL_DYNAMODB: v.optional(v.pipe(v.string(), v.url())),
};

/** Of the functions that let webhooks be made, and send them. */
export const webhookVariables = {
  /** For development: never where others may make webhooks, since Lambda itself listens there. */
  STOWAGE_WEBHOOK_ALLOW_LOOPBACK: flag,
};

const storageVariablesSchema = v.object({ ...storageVariables, AWS_REGION: awsRegion });

export function storageSettings(variables: v.InferOutput<typeof storageVariablesSchema>) {
  const bucketNames = variables.STOWAGE_S3_BUCKET_NAMES;
  return {
    configPath: variables.STOWAGE_CONFIG,
    endpoint: { ...(variables.STOWAGE_S3_ENDPOINT ?? awsEndpoint(variables.AWS_REGION)), bucketNames },
    dynamodbUrl: variables.AWS_ENDPOINT_URL_DYNAMODB,
  };
}

const schema = v.pipe(
  v.object({
    ...storageVariables,
    STOWAGE_SIGNING_SECRET_ARN: secretArn,
    STOWAGE_ROOT_KEY_SECRET_ARN: secretArn,
    /** Without it there are no API keys, and nothing can be revoked. */
    STOWAGE_TABLE_NAME: v.optional(v.string()),
    /** Without it there are no webhooks. */
    STOWAGE_DELIVERY_QUEUE_URL: v.optional(v.pipe(v.string(), v.url())),
    STOWAGE_ORIGIN_SECRET_ARNS: v.optional(
      v.pipe(
        v.string(),
        v.transform((text) => text.split(',').filter((arn) => arn !== '')),
        v.array(secretArn),
      ),
      '',
    ),
    /** CloudFront's id of the key that signs for it, and the secret with the private half. Without them there is no CDN. */
    STOWAGE_CDN_KEY_PAIR_ID: v.optional(v.string()),
    STOWAGE_CDN_KEY_SECRET_ARN: v.optional(secretArn),
    /** The flags in AppConfig. Without it those of the configuration count. */
    STOWAGE_FLAGS_ARN: v.optional(
      v.pipe(v.string(), v.regex(/^arn:aws[\w-]*:appconfig:/, 'must be the ARN of a configuration')),
    ),
    AWS_ENDPOINT_URL_APPCONFIGDATA: v.optional(v.pipe(v.string(), v.url())),
    STOWAGE_CDN_ORIGIN: v.optional(v.pipe(v.string(), v.url())),
    STOWAGE_S3_PUBLIC_ENDPOINT: v.optional(s3Endpoint),
    ...webhookVariables,
    ...lambdaVariables,
  }),
  v.transform((variables) => {
    const storage = storageSettings(variables);
    const { bucketNames } = storage.endpoint;
    return {
      ...lambdaSettings(variables),
      ...storage,
      publicEndpoint: variables.STOWAGE_S3_PUBLIC_ENDPOINT
        ? { ...variables.STOWAGE_S3_PUBLIC_ENDPOINT, bucketNames }
        : storage.endpoint,
      signingSecretArn: variables.STOWAGE_SIGNING_SECRET_ARN,
      rootKeySecretArn: variables.STOWAGE_ROOT_KEY_SECRET_ARN,
      originSecretArns: variables.STOWAGE_ORIGIN_SECRET_ARNS,
      flags:
        variables.STOWAGE_FLAGS_ARN === undefined
          ? undefined
          : { arn: variables.STOWAGE_FLAGS_ARN, url: variables.AWS_ENDPOINT_URL_APPCONFIGDATA },
      cdn:
        variables.STOWAGE_CDN_KEY_PAIR_ID === undefined || variables.STOWAGE_CDN_KEY_SECRET_ARN === undefined
          ? undefined
          : {
              keyPairId: variables.STOWAGE_CDN_KEY_PAIR_ID,
              keySecretArn: variables.STOWAGE_CDN_KEY_SECRET_ARN,
              origin: variables.STOWAGE_CDN_ORIGIN,
            },
      recordsTable: variables.STOWAGE_TABLE_NAME,
      deliveryQueueUrl: variables.STOWAGE_DELIVERY_QUEUE_URL,
      webhookTargets: { allowLoopback: variables.STOWAGE_WEBHOOK_ALLOW_LOOPBACK },
    };
  }),
);

export type LambdaEnvironment = v.InferOutput<typeof schema>;

/** @throws {@link ConfigError} with every fault */
export function parseLambdaEnvironment(variables: Variables): LambdaEnvironment {
  return parseVariables(variables, schema);
}

const invalidationSchema = v.pipe(
  v.object({
    ...lambdaVariables,
    STOWAGE_S3_BUCKET_NAMES: v.pipe(
      v.string(),
      v.parseJson(undefined, 'is not JSON'),
      v.record(v.string(), v.string()),
    ),
    STOWAGE_TABLE_NAME: v.string(),
    STOWAGE_DISTRIBUTION_ID: v.string(),
    AWS_ENDPOINT_URL_DYNAMODB: v.optional(v.pipe(v.string(), v.url())),
    AWS_ENDPOINT_URL_CLOUDFRONT: v.optional(v.pipe(v.string(), v.url())),
  }),
  v.transform((variables) => ({
    ...lambdaSettings(variables),
    bucketNames: variables.STOWAGE_S3_BUCKET_NAMES,
    recordsTable: variables.STOWAGE_TABLE_NAME,
    dynamodbUrl: variables.AWS_ENDPOINT_URL_DYNAMODB,
    distributionId: variables.STOWAGE_DISTRIBUTION_ID,
    cloudFrontUrl: variables.AWS_ENDPOINT_URL_CLOUDFRONT,
  })),
);

/** The environment of the function that cares for CloudFront's caches. @throws {@link ConfigError} with every fault */
export function parseInvalidationEnvironment(variables: Variables): v.InferOutput<typeof invalidationSchema> {
  return parseVariables(variables, invalidationSchema);
}

/** The environment of the functions that care for secrets. @throws {@link ConfigError} with every fault */
export function parseSecretsEnvironment(variables: Variables): ReturnType<typeof lambdaSettings> {
  return lambdaSettings(parseVariables(variables, lambdaVariablesSchema));
}
