import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  type CorsRule,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { BucketRules } from '../../lib/config/schema.ts';
import type { AccessLogBucket } from './access-log-bucket.ts';
import { letCloudFrontFetch } from './cloud-front-access.ts';
import { lifecycleRules } from './lifecycle.ts';

export interface StorageBucketProps {
  readonly rules: BucketRules;
  readonly encryptionKey: Key;
  readonly accessLogs: AccessLogBucket;
  /** Web origins whose pages may talk to the bucket; none: no page may. */
  readonly corsOrigins: readonly string[];
  /** CloudFront may fetch objects. */
  readonly behindCloudFront: boolean;
}

/** A bucket of `stowage.json`: private, encrypted, logged, and kept when its stack goes. */
export class StorageBucket extends Bucket {
  readonly versioned: boolean;
  /** For what CDK's bucket has no word, or says with functions and rights of its own. */
  readonly resource: CfnBucket;

  /** @param name - what `stowage.json` calls it; in AWS it has a name of its own */
  constructor(scope: Construct, name: string, props: StorageBucketProps) {
    const { rules, encryptionKey, accessLogs, corsOrigins, behindCloudFront } = props;
    super(scope, name, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: rules.versioning,
      encryption: BucketEncryption.KMS,
      encryptionKey,
      bucketKeyEnabled: true,
      lifecycleRules: lifecycleRules(rules),
      removalPolicy: RemovalPolicy.RETAIN,
      ...(corsOrigins.length > 0 && { cors: [corsRule(corsOrigins)] }),
    });
    this.versioned = rules.versioning;

    const resource = this.node.defaultChild;
    if (!CfnBucket.isCfnBucket(resource)) throw new TypeError('A bucket is made of a CfnBucket.');
    this.resource = resource;
    // Not by `eventBridgeEnabled`, which brings a function of its own to say the same.
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    resource.loggingConfiguration = accessLogs.destinationFor(this, `${name}/`);
    if (behindCloudFront) letCloudFrontFetch(this);
  }
}

function corsRule(origins: readonly string[]): CorsRule {
  return {
    allowedOrigins: [...origins],
    allowedMethods: [HttpMethods.GET, HttpMethods.PUT, HttpMethods.POST, HttpMethods.HEAD],
    // What a page may send is bound by the signature of its URL.
    allowedHeaders: ['*'],
    exposedHeaders,
    maxAge: Duration.hours(1).toSeconds(),
  };
}

/** S3 takes no wildcard here, so `x-amz-*` is spelled out. */
const exposedHeaders = [
  'ETag',
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Range',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc32c',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-sha1',
  'x-amz-checksum-sha256',
  'x-amz-checksum-type',
  'x-amz-id-2',
  'x-amz-mp-parts-count',
  'x-amz-request-id',
  'x-amz-storage-class',
  'x-amz-version-id',
];
