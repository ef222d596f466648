import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configJsonSchema } from '../../lib/config/json-schema.ts';
import { ConfigError, loadConfig, parseConfig } from '../../lib/config/load.ts';
import { parseLambdaEnvironment } from '../../lib/config/lambda-environment.ts';
import { parseStandaloneEnvironment } from '../../lib/config/standalone-environment.ts';

function faultsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('stowage.json', () => {
  test('a bucket with no rules is a whole configuration', () => {
    expect(parseConfig({ buckets: { files: {} } })).toEqual({
      buckets: {
        files: {
          maxObjectBytes: 53_687_091_200_000,
          contentTypes: ['*/*'],
          versioning: false,
          lifecycle: [],
          abandonedUploadDays: 7,
          quarantine: 'move',
          inspect: [],
        },
      },
      access: { issuers: [], corsOrigins: [], trustedProxyHops: 0 },
      quotas: [],
      flags: { readOnlyBuckets: [], maxUrlLifetimeSeconds: 604_800 },
      limits: {
        urlLifetimeSeconds: 900,
        requestsPerMinute: 600,
        tenantRequestsPerMinute: 6000,
        addressRequestsPerMinute: 6000,
        wrongCredentialsPerMinute: 300,
      },
    });
  });

  test('takes all that the documentation shows', () => {
    const config = parseConfig({
      buckets: {
        media: {
          maxObjectBytes: 5_368_709_120,
          contentTypes: ['image/*', 'Video/*'],
          versioning: true,
          lifecycle: [
            { prefix: 'tmp/', expireAfterDays: 1 },
            { transitionAfterDays: 30, storageClass: 'INTELLIGENT_TIERING' },
          ],
          abandonedUploadDays: 1,
          cdn: { cacheSeconds: 86_400 },
        },
      },
      access: {
        issuers: [{ issuer: 'https://id.example.com/', audience: 'stowage', grantsClaim: 'stowage' }],
        corsOrigins: ['https://app.example.com'],
      },
      quotas: [{ tenant: '*', bucket: 'media', maxBytes: 107_374_182_400, maxObjects: 1_000_000 }],
      limits: { urlLifetimeSeconds: 900, requestsPerMinute: 600 },
    });
    expect(config.buckets.media?.contentTypes).toEqual(['image/*', 'video/*']);
  });

  test.each([
    [
      'no bucket of the configuration',
      [{ tenant: '*', bucket: 'flies' }],
      'quotas: must each name one of the buckets',
    ],
    [
      'the same tenant and bucket twice',
      [
        { tenant: 'acme', bucket: 'files', maxBytes: 1 },
        { tenant: 'acme', bucket: 'files', maxObjects: 1 },
      ],
      'quotas: must name each tenant and bucket once',
    ],
  ])('refuses quotas that name %s', (_, quotas, fault) => {
    expect(faultsOf(() => parseConfig({ buckets: { files: {} }, quotas }))).toEqual([fault]);
  });

  test('lists every fault at once, unknown settings included', () => {
    const faults = faultsOf(() =>
      parseConfig({
        buckets: {
          UPPER: {},
          media: { maxObjectBytes: -1, contentTypes: ['png'], colour: 'red', lifecycle: [{}] },
        },
        access: {
          corsOrigins: ['https://app.example.com/path'],
          issuers: [{ issuer: 'http://id.example.com', audience: '' }],
        },
        limits: { urlLifetimeSeconds: 604_801 },
        tenants: [],
      }),
    );
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual(
      expect.arrayContaining([
        'buckets.UPPER',
        'buckets.media.maxObjectBytes',
        'buckets.media.contentTypes.0',
        'buckets.media.colour',
        'buckets.media.lifecycle.0',
        'access.corsOrigins.0',
        'access.issuers.0.issuer',
        'access.issuers.0.audience',
        'limits.urlLifetimeSeconds',
        'tenants',
      ]),
    );
    expect(faults).toContain('tenants: is not a known setting');
  });

  test.each([
    [{ transitionAfterDays: 29, storageClass: 'STANDARD_IA' }],
    [{ transitionAfterDays: 30, storageClass: 'GLACIER', expireAfterDays: 30 }],
    [{ transitionAfterDays: 30 }],
    [{ storageClass: 'GLACIER', expireAfterDays: 1 }],
    [{ prefix: 'tmp/' }],
  ])('refuses the lifecycle rule %j, as S3 would at deployment', (rule) => {
    expect(faultsOf(() => parseConfig({ buckets: { files: { lifecycle: [rule] } } }))).not.toEqual([]);
  });

  test.each([[undefined], [null], [[]], ['buckets'], [{}], [{ buckets: {} }]])('refuses %j', (input) => {
    expect(faultsOf(() => parseConfig(input))).not.toEqual([]);
  });

  test('a file that is missing or no JSON is refused by name', () => {
    expect(() => loadConfig('/nowhere/stowage.json')).toThrow(/\/nowhere\/stowage.json[^]*cannot be read/);
    expect(() => loadConfig('LICENSE')).toThrow(/LICENSE[^]*is not JSON/);
  });

  test("the repository's own file is valid, and the editors' schema is up to date", () => {
    expect(Object.keys(loadConfig('stowage.json').buckets)).toEqual(['files']);
    expect(readFileSync('lib/config/stowage.schema.json', 'utf8'), 'run: npm run build:contract').toBe(
      configJsonSchema(),
    );
  });
});

describe("the standalone process's environment", () => {
  test('has the documented defaults', () => {
    expect(parseStandaloneEnvironment({ STOWAGE_ROOT_KEY: '' })).toEqual({
      auditLog: '.stowage/audit.log',
      configPath: 'stowage.json',
      host: '127.0.0.1',
      apiPort: 8080,
      s3Port: 9000,
      dataDir: '.stowage',
      secretsPath: '.stowage/secrets.json',
      rootKey: undefined,
      s3Endpoint: undefined,
      s3PublicEndpoint: undefined,
      s3Credentials: undefined,
      s3Domains: [],
      lifecycleDaySeconds: 86_400,
      webhookAllowLoopback: false,
      region: 'us-east-1',
    });
  });

  test('lists every fault at once', () => {
    const faults = faultsOf(() =>
      parseStandaloneEnvironment({
        STOWAGE_API_PORT: '80800',
        STOWAGE_S3_PORT: 'nine',
        STOWAGE_ROOT_KEY: 'short',
        STOWAGE_S3_ENDPOINT: 'ftp://storage',
        STOWAGE_LIFECYCLE_DAY_SECONDS: '0',
      }),
    );
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'STOWAGE_API_PORT',
      'STOWAGE_S3_PORT',
      'STOWAGE_ROOT_KEY',
      'STOWAGE_S3_ENDPOINT',
      'STOWAGE_LIFECYCLE_DAY_SECONDS',
    ]);
  });

  test.each([
    [{ STOWAGE_TLS_CERT: 'cert.pem' }, 'STOWAGE_TLS_CERT and STOWAGE_TLS_KEY go together'],
    [{ STOWAGE_TLS_KEY: 'key.pem' }, 'STOWAGE_TLS_CERT and STOWAGE_TLS_KEY go together'],
    [{ STOWAGE_TLS_CLIENT_CA: 'ca.pem' }, 'STOWAGE_TLS_CLIENT_CA needs STOWAGE_TLS_CERT and STOWAGE_TLS_KEY'],
  ])('half a TLS configuration is none: %j', (variables, fault) => {
    expect(faultsOf(() => parseStandaloneEnvironment(variables))).toEqual([fault]);
  });

  test.each([
    [
      { STOWAGE_MASTER_KEY: 'a', STOWAGE_MASTER_KEY_FILE: 'b' },
      'STOWAGE_MASTER_KEY and STOWAGE_MASTER_KEY_FILE are two ways to give one key',
    ],
    [
      { STOWAGE_NEW_MASTER_KEY: 'a', STOWAGE_NEW_MASTER_KEY_FILE: 'b' },
      'STOWAGE_NEW_MASTER_KEY and STOWAGE_NEW_MASTER_KEY_FILE are two ways to give one key',
    ],
    [
      {
        STOWAGE_MASTER_KEY_FILE: 'master.key',
        STOWAGE_S3_ENDPOINT: 'https://s3.example.com',
        STOWAGE_S3_ACCESS_KEY_ID: 'key',
        STOWAGE_S3_SECRET_ACCESS_KEY: 'of the other store',
      },
      'STOWAGE_MASTER_KEY encrypts the embedded store, and with STOWAGE_S3_ENDPOINT there is none',
    ],
  ])('a master key stands in one place, and is for the embedded store: %j', (variables, fault) => {
    expect(faultsOf(() => parseStandaloneEnvironment(variables))).toEqual([fault]);
  });

  test('names of the store are separated by commas', () => {
    const environment = { STOWAGE_S3_DOMAIN: 'S3.example.com, localhost' };
    expect(parseStandaloneEnvironment(environment).s3Domains).toEqual(['s3.example.com', 'localhost']);
    expect(faultsOf(() => parseStandaloneEnvironment({ STOWAGE_S3_DOMAIN: 'https://s3' }))).toHaveLength(1);
  });

  test('an external endpoint needs credentials', () => {
    expect(
      faultsOf(() => parseStandaloneEnvironment({ STOWAGE_S3_ENDPOINT: 'https://s3.example.com' })),
    ).toEqual(['STOWAGE_S3_ENDPOINT needs STOWAGE_S3_ACCESS_KEY_ID and STOWAGE_S3_SECRET_ACCESS_KEY']);
  });
});

describe("the Lambda function's environment", () => {
  const variables = {
    STOWAGE_SIGNING_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:signing',
    STOWAGE_ROOT_KEY_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:root',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };

  test("has AWS's regional endpoint and the deployed buckets' names", () => {
    expect(
      parseLambdaEnvironment({
        ...variables,
        AWS_SESSION_TOKEN: 'token',
        STOWAGE_S3_BUCKET_NAMES: '{"files":"stowage-prod-files-1abc"}',
      }),
    ).toEqual({
      configPath: 'stowage.json',
      region: 'eu-west-1',
      endpoint: {
        origin: 'https://s3.eu-west-1.amazonaws.com',
        style: 'virtual',
        bucketNames: { files: 'stowage-prod-files-1abc' },
      },
      publicEndpoint: {
        origin: 'https://s3.eu-west-1.amazonaws.com',
        style: 'virtual',
        bucketNames: { files: 'stowage-prod-files-1abc' },
      },
      credentials: { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
      signingSecretArn: variables.STOWAGE_SIGNING_SECRET_ARN,
      rootKeySecretArn: variables.STOWAGE_ROOT_KEY_SECRET_ARN,
      originSecretArns: [],
      secretsManagerUrl: undefined,
      webhookTargets: { allowLoopback: false },
    });
  });

  test('may name another endpoint, and when its credentials end', () => {
    const { endpoint, publicEndpoint, credentials } = parseLambdaEnvironment({
      ...variables,
      STOWAGE_S3_ENDPOINT: 'http://127.0.0.1:9000',
      STOWAGE_S3_PUBLIC_ENDPOINT: 'https://s3.example.com',
      AWS_CREDENTIAL_EXPIRATION: '2026-11-23T20:00:00Z',
    });
    expect([endpoint.origin, publicEndpoint.origin, publicEndpoint.style]).toEqual([
      'http://127.0.0.1:9000',
      'https://s3.example.com',
      'path',
    ]);
    expect(credentials.expiresAt).toEqual(new Date('2026-11-23T20:00:00Z'));
  });

  test('lists every fault at once', () => {
    const faults = faultsOf(() =>
      parseLambdaEnvironment({
        STOWAGE_SIGNING_SECRET_ARN: 'signing',
        STOWAGE_S3_BUCKET_NAMES: '{"files"',
        AWS_REGION: 'Ireland',
        AWS_ENDPOINT_URL_SECRETS_MANAGER: 'localhost',
      }),
    );
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'STOWAGE_S3_BUCKET_NAMES',
      'STOWAGE_SIGNING_SECRET_ARN',
      'STOWAGE_ROOT_KEY_SECRET_ARN',
      'AWS_REGION',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_ENDPOINT_URL_SECRETS_MANAGER',
    ]);
  });
});
