import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { AccessLogBucket } from '../data/access-log-bucket.ts';
import { letCloudFrontFetch } from '../data/cloud-front-access.ts';

export interface ReplicaBucketProps {
  readonly bucketName: string;
  readonly encryptionKey: Key;
  readonly accessLogs: AccessLogBucket;
  readonly lockedDays: number;
  readonly behindCloudFront: boolean;
}

/**
 * The copy of a bucket. For some days nobody takes a version away, whatever becomes of the first bucket; then versions
 * that are no longer current go as they do there. Deletion by the lifecycle of the first bucket is not copied by S3.
 */
export class ReplicaBucket extends Bucket {
  constructor(scope: Construct, id: string, props: ReplicaBucketProps) {
    const { bucketName, encryptionKey, accessLogs, lockedDays, behindCloudFront } = props;
    super(scope, id, {
      bucketName,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      // In governance mode: who has a special permission can still take away what must not be kept.
      objectLockDefaultRetention: ObjectLockRetention.governance(Duration.days(lockedDays)),
      encryption: BucketEncryption.KMS,
      encryptionKey,
      bucketKeyEnabled: true,
      lifecycleRules: [
        {
          id: 'non-current-versions',
          noncurrentVersionExpiration: Duration.days(Math.max(lockedDays, 30)),
          expiredObjectDeleteMarker: true,
        },
        { id: 'abandoned-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const resource = this.node.defaultChild;
    if (!CfnBucket.isCfnBucket(resource)) throw new TypeError('A bucket is made of a CfnBucket.');
    resource.loggingConfiguration = accessLogs.destinationFor(this, `${id}/`);
    if (behindCloudFront) letCloudFrontFetch(this);
  }
}
