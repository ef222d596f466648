import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { GeneratedSecret } from './generated-secret.ts';
import type { Connection } from './service-function.ts';
import type { StorageBucket } from './storage-bucket.ts';

/**
 * The buckets, as the API uses them: all that it does itself or signs for others, who come with its rights.
 *
 * @param scope - where the names are used
 */
export function bucketConnection(
  scope: Construct,
  buckets: ReadonlyMap<string, StorageBucket>,
  encryptionKey: Key,
): Connection {
  const all = [...buckets.values()];
  const versioned = all.filter((bucket) => bucket.versioned);
  const names = Object.fromEntries([...buckets].map(([name, bucket]) => [name, bucket.bucketName]));
  return {
    name: 'STOWAGE_S3_BUCKET_NAMES',
    value: Stack.of(scope).toJsonString(names),
    grants: [
      new PolicyStatement({
        actions: ['s3:ListBucket', 's3:ListBucketMultipartUploads'],
        resources: all.map((bucket) => bucket.bucketArn),
      }),
      new PolicyStatement({
        actions: [
          's3:AbortMultipartUpload',
          's3:DeleteObject',
          's3:GetObject',
          's3:ListMultipartUploadParts',
          's3:PutObject',
          's3:PutObjectTagging',
        ],
        resources: all.map((bucket) => bucket.arnForObjects('*')),
      }),
      ...(versioned.length > 0
        ? [
            new PolicyStatement({
              actions: ['s3:GetObjectVersion'],
              resources: versioned.map((bucket) => bucket.arnForObjects('*')),
            }),
          ]
        : []),
      // S3 calls KMS in the name of whoever signed: to read, and also to write the parts of a multipart upload.
      keyThrough('s3', encryptionKey, ['kms:Decrypt', 'kms:GenerateDataKey']),
    ],
  };
}

/** A secret, to be read under the name that the environment variable `name` gives. */
export function secretConnection(name: string, secret: GeneratedSecret, encryptionKey: Key): Connection {
  return {
    name,
    value: secret.arn,
    grants: [
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret.arn] }),
      keyThrough('secretsmanager', encryptionKey, ['kms:Decrypt']),
    ],
  };
}

/** The key, but only where a service asks for it in the caller's name. */
function keyThrough(
  service: 's3' | 'secretsmanager',
  { keyArn }: Key,
  actions: readonly string[],
): PolicyStatement {
  return new PolicyStatement({
    actions: [...actions],
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.amazonaws.com` } },
  });
}
