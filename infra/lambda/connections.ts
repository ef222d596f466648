import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { GeneratedSecret } from '../data/generated-secret.ts';
import type { RecordsTable } from '../data/records-table.ts';
import type { StorageBucket } from '../data/storage-bucket.ts';
import type { Connection } from './service-function.ts';

/** What a function does with the buckets. */
export interface BucketUse {
  /** With the bucket itself. */
  readonly bucket: readonly string[];
  readonly objects: readonly string[];
  /** Beside these, where a bucket keeps versions. */
  readonly versions: readonly string[];
  /** With such a bucket itself. Default: nothing more. */
  readonly versionedBucket?: readonly string[];
}

/** All that the API does itself or signs for others, who come with its rights. */
export const apiUse: BucketUse = {
  bucket: [
    's3:GetLifecycleConfiguration',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
    's3:PutLifecycleConfiguration',
  ],
  objects: [
    's3:AbortMultipartUpload',
    's3:DeleteObject',
    's3:GetObject',
    's3:ListMultipartUploadParts',
    's3:PutObject',
    's3:PutObjectTagging',
    's3:RestoreObject',
  ],
  versions: ['s3:DeleteObjectVersion', 's3:GetObjectVersion'],
};

/** To look at objects, and to move or tag what goes into quarantine. */
export const eventUse: BucketUse = {
  // Without it S3 does not tell what is absent from what is forbidden.
  bucket: ['s3:ListBucket'],
  objects: ['s3:DeleteObject', 's3:GetObject', 's3:GetObjectTagging', 's3:PutObject', 's3:PutObjectTagging'],
  versions: [
    's3:DeleteObjectVersion',
    's3:GetObjectVersion',
    's3:GetObjectVersionTagging',
    's3:PutObjectVersionTagging',
  ],
};

/** To hold what is counted against what is there. */
export const maintenanceUse: BucketUse = {
  bucket: ['s3:ListBucket'],
  objects: ['s3:GetObject'],
  versions: ['s3:GetObjectVersion'],
  versionedBucket: ['s3:ListBucketVersions'],
};

export const recordActions = [
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
] as const;

/** Of deliveries, which nobody counts. */
export const deliveryRecordActions = recordActions.filter((action) => action !== 'dynamodb:UpdateItem');

/**
 * The buckets, to be used so.
 *
 * @param scope - where the names are used
 */
export function bucketConnection(
  scope: Construct,
  buckets: ReadonlyMap<string, StorageBucket>,
  encryptionKey: Key,
  use: BucketUse,
): Connection {
  const all = [...buckets.values()];
  const versioned = all.filter((bucket) => bucket.versioned);
  const writes = use.objects.includes('s3:PutObject');
  const { versionedBucket = [] } = use;
  return {
    ...bucketNames(scope, buckets),
    grants: [
      new PolicyStatement({
        actions: [...use.bucket],
        resources: all.map((bucket) => bucket.bucketArn),
      }),
      new PolicyStatement({
        actions: [...use.objects],
        resources: all.map((bucket) => bucket.arnForObjects('*')),
      }),
      ...(versioned.length > 0
        ? [
            new PolicyStatement({
              actions: [...use.versions],
              resources: versioned.map((bucket) => bucket.arnForObjects('*')),
            }),
          ]
        : []),
      ...(versioned.length > 0 && versionedBucket.length > 0
        ? [
            new PolicyStatement({
              actions: [...versionedBucket],
              resources: versioned.map((bucket) => bucket.bucketArn),
            }),
          ]
        : []),
      // S3 calls KMS in the name of whoever signed: to read, and also to write the parts of a multipart upload.
      keyThrough('s3', encryptionKey, ['kms:Decrypt', ...(writes ? ['kms:GenerateDataKey'] : [])]),
    ],
  };
}

/**
 * What the buckets are called in AWS: for all who read events, which know no other names.
 *
 * @param scope - where the names are used
 */
export function bucketNames(
  scope: Construct,
  buckets: Iterable<readonly [string, StorageBucket]>,
): Pick<Connection, 'name' | 'value'> {
  const names = Object.fromEntries([...buckets].map(([name, { bucketName }]) => [name, bucketName]));
  return { name: 'STOWAGE_S3_BUCKET_NAMES', value: Stack.of(scope).toJsonString(names) };
}

/** Secrets, to be read under the name that the environment variable `name` gives; several are parted by commas. */
export function secretConnection(
  name: string,
  secrets: readonly GeneratedSecret[],
  encryptionKey: Key,
): Connection {
  const arns = secrets.map(({ arn }) => arn);
  return {
    name,
    value: arns.join(','),
    grants: [
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: arns }),
      keyThrough('secretsmanager', encryptionKey, ['kms:Decrypt']),
    ],
  };
}

/** A secret of which no more is to be known than how old it is. */
export function secretAgeConnection(name: string, { arn }: GeneratedSecret): Connection {
  return {
    name,
    value: arn,
    grants: [new PolicyStatement({ actions: ['secretsmanager:DescribeSecret'], resources: [arn] })],
  };
}

/** Secrets that hold keys, for a function that makes those keys; it is told which one it is to be. */
export function keyMakingConnection(secrets: readonly GeneratedSecret[], encryptionKey: Key): Connection {
  const { name, value, grants } = secretConnection('STOWAGE_CDN_KEY_SECRET_ARNS', secrets, encryptionKey);
  return {
    name,
    value,
    grants: [
      ...grants,
      new PolicyStatement({
        actions: ['secretsmanager:PutSecretValue'],
        resources: secrets.map(({ arn }) => arn),
      }),
      keyThrough('secretsmanager', encryptionKey, ['kms:GenerateDataKey']),
    ],
  };
}

/** The records, to be read and written, one by one or several at once. */
export function recordsConnection(
  { tableName, arn }: RecordsTable,
  encryptionKey: Key,
  actions: readonly string[] = recordActions,
): Connection {
  return {
    name: 'STOWAGE_TABLE_NAME',
    value: tableName,
    grants: [
      new PolicyStatement({
        actions: [...actions],
        resources: [arn],
      }),
      keyThrough('dynamodb', encryptionKey, ['kms:Decrypt']),
    ],
  };
}

/** A queue, to be written to. */
export function queueConnection(name: string, { queueUrl, queueArn }: Queue): Connection {
  return {
    name,
    value: queueUrl,
    grants: [new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queueArn] })],
  };
}

/** The key, but only where a service asks for it in the caller's name. */
export function keyThrough(
  service: 'dynamodb' | 's3' | 'secretsmanager',
  { keyArn }: Key,
  actions: readonly string[],
): PolicyStatement {
  return new PolicyStatement({
    actions: [...actions],
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.amazonaws.com` } },
  });
}
