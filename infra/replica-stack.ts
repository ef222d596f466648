import { Annotations, CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Config } from '../lib/config/schema.ts';
import { AccessLogBucket } from './data/access-log-bucket.ts';
import { letCloudFrontDecrypt } from './data/cloud-front-access.ts';
import { replicaBucketName, replicaKeyAlias } from './names.ts';
import { ReplicaBucket } from './replica/replica-bucket.ts';
import { StageStack } from './stage-stack.ts';
import type { ReplicaSettings, Stage } from './stages.ts';

export interface ReplicaStackProps {
  readonly stage: Stage;
  readonly settings: ReplicaSettings;
  readonly config: Config;
}

/**
 * What the recovery region has of its own: a key, and a copy of every bucket that keeps versions. It comes first, since
 * the home region copies to it; the table's copy comes with the table, and the secrets' with the secrets.
 */
export class ReplicaStack extends StageStack {
  constructor(scope: Construct, id: string, { stage, settings, config }: ReplicaStackProps) {
    super(scope, id, { stage, description: 'the copy in another region', region: settings.region });
    const encryptionKey = new Key(this, 'EncryptionKey', {
      description: `Copies of Stowage ${stage.name}`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // By this name the home region knows it.
    encryptionKey.addAlias(replicaKeyAlias(stage));

    const accessLogs = new AccessLogBucket(this, 'AccessLogs', stage.logRetention);
    const buckets = new Construct(this, 'Buckets');
    for (const [name, { versioning, cdn }] of Object.entries(config.buckets)) {
      if (!versioning) {
        Annotations.of(this).addWarningV2(
          `stowage:not-copied-${name}`,
          `The bucket "${name}" has no copy: S3 copies only buckets with "versioning".`,
        );
        continue;
      }
      const behindCloudFront = stage.edge !== undefined && cdn !== undefined;
      const bucket = new ReplicaBucket(buckets, name, {
        bucketName: replicaBucketName(stage, name),
        encryptionKey,
        accessLogs,
        lockedDays: settings.lockedDays,
        behindCloudFront,
      });
      new CfnOutput(bucket, 'Name', {
        description: `The copy of the bucket "${name}" of stowage.json`,
        value: bucket.bucketName,
      });
    }
    if (stage.edge && Object.values(config.buckets).some(({ versioning, cdn }) => versioning && cdn)) {
      letCloudFrontDecrypt(encryptionKey);
    }
  }
}
