import { describe, expect, test } from 'vitest';
import { resolve } from './resolve.ts';
import { resourcesOfType, synthesize } from './templates.ts';

const { data } = synthesize();
const buckets = resourcesOfType(data, 'AWS::S3::Bucket');
const policies = resourcesOfType(data, 'AWS::S3::BucketPolicy').map(([, policy]) => policy);
const bucketNamed = (name: string) => {
  const found = buckets.find(([id]) => id.startsWith(`Buckets${name}`));
  if (!found) throw new Error(`There is no bucket ${name}.`);
  return found[1].Properties;
};

test('there is a bucket for each that is configured, and one for their access logs', () => {
  expect(buckets.map(([id]) => id.slice(0, -8)).toSorted()).toEqual([
    'AccessLogs',
    'Bucketsmedia',
    'Bucketsplain',
  ]);
});

describe.each(buckets)('every bucket: %s', (id, bucket) => {
  test('is private, and belongs to its owner whoever writes', () => {
    expect(bucket.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    expect(bucket.Properties).not.toHaveProperty('AccessControl');
  });

  test('is encrypted, stays when the stack goes, and has no fixed name', () => {
    expect(bucket.Properties).toHaveProperty('BucketEncryption');
    expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(bucket.Properties).not.toHaveProperty('BucketName');
  });

  test('drops the parts of uploads that nobody finished', () => {
    expect(bucket.Properties).toHaveProperty(
      'LifecycleConfiguration.Rules',
      expect.arrayContaining([
        expect.objectContaining({
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: expect.any(Number) },
          Status: 'Enabled',
        }),
      ]),
    );
  });

  test('refuses plain HTTP and TLS below 1.2, and lets in nobody but the log delivery', () => {
    const policy = policies.find(({ Properties }) => JSON.stringify(Properties['Bucket']).includes(id));
    const statements = policy?.Properties.PolicyDocument?.Statement ?? [];
    const arn = { 'Fn::GetAtt': [id, 'Arn'] };
    for (const Condition of [
      { Bool: { 'aws:SecureTransport': 'false' } },
      { NumericLessThan: { 's3:TlsVersion': 1.2 } },
    ]) {
      expect(statements).toContainEqual({
        Effect: 'Deny',
        Action: 's3:*',
        Principal: { AWS: '*' },
        Resource: [arn, { 'Fn::Join': ['', [arn, '/*']] }],
        Condition,
      });
    }
    for (const statement of statements.filter(({ Effect }) => Effect === 'Allow')) {
      expect(statement.Principal).toEqual({ Service: 'logging.s3.amazonaws.com' });
    }
  });
});

describe.each(buckets.filter(([id]) => id.startsWith('Buckets')))(
  'every bucket of objects: %s',
  (_, bucket) => {
    test('is encrypted with the key of the stack, asked for once per bucket', () => {
      expect(resolve(bucket.Properties, [data])).toMatchObject({
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: 'arn:aws:kms:eu-west-1:111122223333:key/EncryptionKey',
              },
            },
          ],
        },
      });
    });

    test('tells EventBridge, without a function in between', () => {
      expect(bucket.Properties).toHaveProperty('NotificationConfiguration', {
        EventBridgeConfiguration: { EventBridgeEnabled: true },
      });
      expect(resourcesOfType(data, 'AWS::Lambda::Function')).toEqual([]);
    });
  },
);

test('S3 may log each bucket of objects under its name, and nothing else', () => {
  const [accessLogsPolicy] = policies.filter(({ Properties }) =>
    JSON.stringify(Properties['Bucket']).includes('AccessLogs'),
  );
  const statements = resolve(accessLogsPolicy?.Properties.PolicyDocument?.Statement ?? [], [data]);
  expect(statements.filter(({ Effect }) => Effect === 'Allow')).toEqual(
    ['media', 'plain'].map((name) => ({
      Effect: 'Allow',
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::AccessLogs/${name}/*`,
      Condition: {
        ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::Buckets${name}` },
        StringEquals: { 'aws:SourceAccount': '111122223333' },
      },
    })),
  );
  for (const name of ['media', 'plain']) {
    expect(resolve(bucketNamed(name)['LoggingConfiguration'], [data])).toEqual({
      DestinationBucketName: 'AccessLogs',
      LogFilePrefix: `${name}/`,
    });
  }
});

describe('what stowage.json says about a bucket', () => {
  test('its lifecycle', () => {
    expect(bucketNamed('media')['LifecycleConfiguration']).toEqual({
      Rules: [
        {
          Id: 'abandoned-uploads',
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
        },
        {
          Id: 'non-current-versions',
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: 30, NewerNoncurrentVersions: 3 },
          ExpiredObjectDeleteMarker: true,
        },
        { Id: 'stowage-json-0', Status: 'Enabled', Prefix: 'tmp/', ExpirationInDays: 1 },
        {
          Id: 'stowage-json-1',
          Status: 'Enabled',
          Transitions: [{ StorageClass: 'INTELLIGENT_TIERING', TransitionInDays: 30 }],
        },
      ],
    });
    expect(bucketNamed('plain')['LifecycleConfiguration']).toEqual({
      Rules: [
        {
          Id: 'abandoned-uploads',
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        },
      ],
    });
  });

  test('its versions', () => {
    expect(bucketNamed('media')['VersioningConfiguration']).toEqual({ Status: 'Enabled' });
    expect(bucketNamed('plain')).not.toHaveProperty('VersioningConfiguration');
  });

  test('which pages may talk to it, and what they may read of an answer', () => {
    expect(bucketNamed('plain')['CorsConfiguration']).toEqual({
      CorsRules: [
        {
          AllowedOrigins: ['https://app.example.com'],
          AllowedMethods: ['GET', 'PUT', 'POST', 'HEAD'],
          AllowedHeaders: ['*'],
          ExposedHeaders: expect.arrayContaining(['ETag', 'x-amz-version-id', 'x-amz-checksum-sha256']),
          MaxAge: 3600,
        },
      ],
    });
    // S3 refuses a configuration that exposes x-amz-*.
    expect(JSON.stringify(bucketNamed('plain')['CorsConfiguration'])).not.toContain('amz-*');
  });

  test('no page, when no origin is configured', () => {
    const { data: closed } = synthesize('dev', { buckets: { files: {} } });
    for (const [, bucket] of resourcesOfType(closed, 'AWS::S3::Bucket')) {
      expect(bucket.Properties).not.toHaveProperty('CorsConfiguration');
    }
  });
});
