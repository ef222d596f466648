import { join } from 'node:path';
import * as v from 'valibot';
import type { Credentials } from '../storage/sigv4.ts';
import type { ClamdAddress } from '../inspection/clamd.ts';
import { awsRegion, parseVariables, s3Endpoint, type Variables } from './environment.ts';

/** The variables of the standalone process, as the README lists them. */
const port = (fallback: string) =>
  v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,5}$/, 'must be a port'), v.transform(Number), v.maxValue(65_535)),
    fallback,
  );

/** A shorter day lets one see in minutes what rules do in months. */
const lifecycleDaySeconds = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, 'must be 1 to 86400 seconds'),
  v.transform(Number),
  v.minValue(1),
  v.maxValue(86_400),
);

const longSecret = v.pipe(v.string(), v.minLength(32, 'must be at least 32 characters'));

const flag = v.optional(
  v.pipe(
    v.picklist(['true', 'false'], 'must be true or false'),
    v.transform((text) => text === 'true'),
  ),
  'false',
);

/** Where ClamAV's daemon listens: `tcp://127.0.0.1:3310` or `unix:///run/clamav/clamd.ctl`. */
const clamdAddress = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }): ClamdAddress => {
    const url = URL.parse(dataset.value);
    if (url?.protocol === 'unix:' && url.pathname.length > 1)
      return { path: decodeURIComponent(url.pathname) };
    if (url?.protocol === 'tcp:' && url.hostname !== '' && url.port !== '') {
      return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) };
    }
    addIssue({ message: 'must be tcp://HOST:PORT or unix:///PATH' });
    return NEVER;
  }),
);

/** Paths of PEM files. */
export interface TlsFiles {
  /** The server's certificate, followed by its chain. */
  readonly certPath: string;
  readonly keyPath: string;
  /** With it, every client must show a certificate of this CA. */
  readonly clientCaPath?: string | undefined;
}

function tlsFiles(
  certPath: string | undefined,
  keyPath: string | undefined,
  clientCaPath: string | undefined,
): TlsFiles | undefined {
  return certPath === undefined || keyPath === undefined ? undefined : { certPath, keyPath, clientCaPath };
}

/** A table of DynamoDB for the records that several processes share. */
export interface RecordsTable {
  readonly table: string;
  readonly endpoint: string | undefined;
  readonly credentials: Credentials;
}

function recordsTable(
  table: string | undefined,
  endpoint: string | undefined,
  accessKeyId = '',
  secretAccessKey = '',
  sessionToken?: string,
): RecordsTable | undefined {
  if (table === undefined) return undefined;
  return {
    table,
    endpoint,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  };
}

/** Names, separated by commas, in lower case. */
const domains = v.optional(
  v.pipe(
    v.string(),
    v.toLowerCase(),
    v.transform((text) => text.split(',').map((name) => name.trim())),
    v.array(
      v.pipe(v.string(), v.regex(/^[a-z\d]([a-z\d.-]*[a-z\d])?$/, 'must be names such as s3.example.com')),
    ),
  ),
);

/** Where a master key of the embedded store comes from: the environment itself, or a file. */
export type KeySource = { readonly text: string } | { readonly path: string };

function keySource(text: string | undefined, path: string | undefined): KeySource | undefined {
  if (text !== undefined) return { text };
  return path === undefined ? undefined : { path };
}

const schema = v.pipe(
  v.object({
    STOWAGE_CONFIG: v.optional(v.string(), 'stowage.json'),
    STOWAGE_HOST: v.optional(v.string(), '127.0.0.1'),
    STOWAGE_API_PORT: port('8080'),
    STOWAGE_S3_PORT: port('9000'),
    STOWAGE_DATA_DIR: v.optional(v.string(), '.stowage'),
    STOWAGE_SECRETS_FILE: v.optional(v.string()),
    STOWAGE_AUDIT_LOG: v.optional(v.string()),
    STOWAGE_ROOT_KEY: v.optional(longSecret),
    STOWAGE_S3_ENDPOINT: v.optional(s3Endpoint),
    STOWAGE_S3_PUBLIC_ENDPOINT: v.optional(s3Endpoint),
    STOWAGE_S3_ACCESS_KEY_ID: v.optional(
      v.pipe(v.string(), v.regex(/^[\w-]{3,128}$/, 'must be 3 to 128 letters and digits')),
    ),
    STOWAGE_S3_SECRET_ACCESS_KEY: v.optional(v.pipe(v.string(), v.minLength(8))),
    STOWAGE_WEBHOOK_ALLOW_LOOPBACK: flag,
    STOWAGE_CLAMD: v.optional(clamdAddress),
    AWS_REGION: v.optional(awsRegion, 'us-east-1'),
    STOWAGE_TABLE_NAME: v.optional(v.string()),
    AWS_ENDPOINT_URL_DYNAMODB: v.optional(v.pipe(v.string(), v.url())),
    AWS_ACCESS_KEY_ID: v.optional(v.string()),
    AWS_SECRET_ACCESS_KEY: v.optional(v.string()),
    AWS_SESSION_TOKEN: v.optional(v.string()),
    STOWAGE_LIFECYCLE_DAY_SECONDS: v.optional(lifecycleDaySeconds, '86400'),
    STOWAGE_S3_DOMAIN: domains,
    STOWAGE_TLS_CERT: v.optional(v.string()),
    STOWAGE_TLS_KEY: v.optional(v.string()),
    STOWAGE_TLS_CLIENT_CA: v.optional(v.string()),
    STOWAGE_MASTER_KEY: v.optional(v.string()),
    STOWAGE_MASTER_KEY_FILE: v.optional(v.string()),
    STOWAGE_NEW_MASTER_KEY: v.optional(v.string()),
    STOWAGE_NEW_MASTER_KEY_FILE: v.optional(v.string()),
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
  v.check(
    (variables) => (variables.STOWAGE_TLS_CERT === undefined) === (variables.STOWAGE_TLS_KEY === undefined),
    'STOWAGE_TLS_CERT and STOWAGE_TLS_KEY go together',
  ),
  v.check(
    (variables) => variables.STOWAGE_TLS_CLIENT_CA === undefined || variables.STOWAGE_TLS_CERT !== undefined,
    'STOWAGE_TLS_CLIENT_CA needs STOWAGE_TLS_CERT and STOWAGE_TLS_KEY',
  ),
  v.check(
    (variables) =>
      variables.STOWAGE_MASTER_KEY === undefined || variables.STOWAGE_MASTER_KEY_FILE === undefined,
    'STOWAGE_MASTER_KEY and STOWAGE_MASTER_KEY_FILE are two ways to give one key',
  ),
  v.check(
    (variables) =>
      variables.STOWAGE_NEW_MASTER_KEY === undefined || variables.STOWAGE_NEW_MASTER_KEY_FILE === undefined,
    'STOWAGE_NEW_MASTER_KEY and STOWAGE_NEW_MASTER_KEY_FILE are two ways to give one key',
  ),
  v.check(
    ({ STOWAGE_S3_ENDPOINT, STOWAGE_MASTER_KEY, STOWAGE_MASTER_KEY_FILE }) =>
      STOWAGE_S3_ENDPOINT === undefined || (STOWAGE_MASTER_KEY ?? STOWAGE_MASTER_KEY_FILE) === undefined,
    'STOWAGE_MASTER_KEY encrypts the embedded store, and with STOWAGE_S3_ENDPOINT there is none',
  ),
  v.check(
    ({ STOWAGE_TABLE_NAME, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }) =>
      STOWAGE_TABLE_NAME === undefined ||
      (AWS_ACCESS_KEY_ID !== undefined && AWS_SECRET_ACCESS_KEY !== undefined),
    'STOWAGE_TABLE_NAME needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ),
  v.transform((variables) => ({
    configPath: variables.STOWAGE_CONFIG,
    host: variables.STOWAGE_HOST,
    apiPort: variables.STOWAGE_API_PORT,
    s3Port: variables.STOWAGE_S3_PORT,
    dataDir: variables.STOWAGE_DATA_DIR,
    secretsPath: variables.STOWAGE_SECRETS_FILE ?? join(variables.STOWAGE_DATA_DIR, 'secrets.json'),
    auditLog: variables.STOWAGE_AUDIT_LOG ?? join(variables.STOWAGE_DATA_DIR, 'audit.log'),
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
    recordsTable: recordsTable(
      variables.STOWAGE_TABLE_NAME,
      variables.AWS_ENDPOINT_URL_DYNAMODB,
      variables.AWS_ACCESS_KEY_ID,
      variables.AWS_SECRET_ACCESS_KEY,
      variables.AWS_SESSION_TOKEN,
    ),
    webhookAllowLoopback: variables.STOWAGE_WEBHOOK_ALLOW_LOOPBACK,
    clamd: variables.STOWAGE_CLAMD,
    region: variables.AWS_REGION,
    lifecycleDaySeconds: variables.STOWAGE_LIFECYCLE_DAY_SECONDS,
    tls: tlsFiles(variables.STOWAGE_TLS_CERT, variables.STOWAGE_TLS_KEY, variables.STOWAGE_TLS_CLIENT_CA),
    s3Domains: variables.STOWAGE_S3_DOMAIN ?? [],
    masterKey: keySource(variables.STOWAGE_MASTER_KEY, variables.STOWAGE_MASTER_KEY_FILE),
    newMasterKey: keySource(variables.STOWAGE_NEW_MASTER_KEY, variables.STOWAGE_NEW_MASTER_KEY_FILE),
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
