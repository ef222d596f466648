import * as v from 'valibot';
import { awsRegion, parseVariables, s3Endpoint, type Variables } from './environment.ts';

/** The variables of the standalone process, as the README lists them. */
const port = (fallback: string) =>
  v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,5}$/, 'must be a port'), v.transform(Number), v.maxValue(65_535)),
    fallback,
  );

const longSecret = v.pipe(v.string(), v.minLength(32, 'must be at least 32 characters'));

/** To ignore a wish for encryption would be to serve in the clear. */
const notYet = v.optional(v.never('is not available in this version: put a TLS proxy in front'));

const schema = v.pipe(
  v.object({
    STOWAGE_CONFIG: v.optional(v.string(), 'stowage.json'),
    STOWAGE_HOST: v.optional(v.string(), '127.0.0.1'),
    STOWAGE_API_PORT: port('8080'),
    STOWAGE_S3_PORT: port('9000'),
    STOWAGE_DATA_DIR: v.optional(v.string(), '.stowage'),
    STOWAGE_ROOT_KEY: v.optional(longSecret),
    STOWAGE_S3_ENDPOINT: v.optional(s3Endpoint),
    STOWAGE_S3_PUBLIC_ENDPOINT: v.optional(s3Endpoint),
    STOWAGE_S3_ACCESS_KEY_ID: v.optional(
      v.pipe(v.string(), v.regex(/^[\w-]{3,128}$/, 'must be 3 to 128 letters and digits')),
    ),
    STOWAGE_S3_SECRET_ACCESS_KEY: v.optional(v.pipe(v.string(), v.minLength(8))),
    AWS_REGION: v.optional(awsRegion, 'us-east-1'),
    STOWAGE_TLS_CERT: notYet,
    STOWAGE_TLS_KEY: notYet,
    STOWAGE_TLS_CLIENT_CA: notYet,
  }),
  v.check(
    (variables) =>
      (variables.STOWAGE_S3_ACCESS_KEY_ID === undefined) ===
      (variables.STOWAGE_S3_SECRET_ACCESS_KEY === undefined),
    'STOWAGE_S3_ACCESS_KEY_ID and STOWAGE_S3_SECRET_ACCESS_KEY go together',
  ),
  v.check(
    (variables) =>
      variables.STOWAGE_S3_ENDPOINT === undefined || variables.STOWAGE_S3_ACCESS_KEY_ID !== undefined,
    'STOWAGE_S3_ENDPOINT needs STOWAGE_S3_ACCESS_KEY_ID and STOWAGE_S3_SECRET_ACCESS_KEY',
  ),
  v.transform((variables) => ({
    configPath: variables.STOWAGE_CONFIG,
    host: variables.STOWAGE_HOST,
    apiPort: variables.STOWAGE_API_PORT,
    s3Port: variables.STOWAGE_S3_PORT,
    dataDir: variables.STOWAGE_DATA_DIR,
    rootKey: variables.STOWAGE_ROOT_KEY,
    s3Endpoint: variables.STOWAGE_S3_ENDPOINT,
    s3PublicEndpoint: variables.STOWAGE_S3_PUBLIC_ENDPOINT,
    s3Credentials:
      variables.STOWAGE_S3_ACCESS_KEY_ID !== undefined && variables.STOWAGE_S3_SECRET_ACCESS_KEY !== undefined
        ? {
            accessKeyId: variables.STOWAGE_S3_ACCESS_KEY_ID,
            secretAccessKey: variables.STOWAGE_S3_SECRET_ACCESS_KEY,
          }
        : undefined,
    region: variables.AWS_REGION,
  })),
);

export type StandaloneEnvironment = v.InferOutput<typeof schema>;

/**
 * Reads the process's environment. An empty variable counts as absent.
 *
 * @throws {@link ConfigError} with every fault
 */
export function parseStandaloneEnvironment(variables: Variables): StandaloneEnvironment {
  return parseVariables(variables, schema);
}
