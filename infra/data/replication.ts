import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { replicaBucketName, replicaKeyAlias, replicaKeyAliasArn } from '../names.ts';
import type { ReplicaSettings, Stage } from '../stages.ts';
import type { StorageBucket } from './storage-bucket.ts';

export interface ReplicationProps {
  readonly stage: Stage;
  readonly replica: ReplicaSettings;
  readonly encryptionKey: Key;
  /** By the name that `stowage.json` gives. Those without versions are left out: S3 can't copy them. */
  readonly buckets: ReadonlyMap<string, StorageBucket>;
}

/**
 * Copies the versioned buckets to the recovery region within 15 minutes, deletions too: the copy is a second place, not
 * a backup. The role has what S3 asks for and no more; CDK's own would also let it read and write with wildcards.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
 */
export class Replication extends Construct {
  constructor(scope: Construct, id: string, { stage, replica, encryptionKey, buckets }: ReplicationProps) {
    super(scope, id);
    const versioned = [...buckets].filter(([, bucket]) => bucket.versioned);
    if (versioned.length === 0) return;

    const role = new Role(this, 'Role', {
      description: `Stowage ${stage.name}: copies objects to ${replica.region}`,
      assumedBy: new ServicePrincipal('s3.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    const destinations = new Map(
      versioned.map(([name]) => [name, `arn:${Aws.PARTITION}:s3:::${replicaBucketName(stage, name)}`]),
    );
    const sources = versioned.map(([, bucket]) => bucket);
    for (const statement of [
      new PolicyStatement({
        actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'],
        resources: sources.map((bucket) => bucket.bucketArn),
      }),
      new PolicyStatement({
        actions: [
          's3:GetObjectVersionAcl',
          's3:GetObjectVersionForReplication',
          's3:GetObjectVersionTagging',
        ],
        resources: sources.map((bucket) => bucket.arnForObjects('*')),
      }),
      new PolicyStatement({
        actions: ['s3:ReplicateDelete', 's3:ReplicateObject', 's3:ReplicateTags'],
        resources: [...destinations.values()].map((arn) => `${arn}/*`),
      }),
      new PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [encryptionKey.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `s3.${Aws.REGION}.amazonaws.com` } },
      }),
      new PolicyStatement({
        actions: ['kms:Encrypt', 'kms:GenerateDataKey'],
        // The id of a key in another region is not known here, but its alias is.
        resources: [`arn:${Aws.PARTITION}:kms:${replica.region}:${Aws.ACCOUNT_ID}:key/*`],
        conditions: {
          StringEquals: { 'kms:ViaService': `s3.${replica.region}.amazonaws.com` },
          'ForAnyValue:StringEquals': { 'kms:ResourceAliases': replicaKeyAlias(stage) },
        },
      }),
    ]) {
      role.addToPolicy(statement);
    }

    for (const [name, bucket] of versioned) {
      bucket.resource.replicationConfiguration = {
        role: role.roleArn,
        rules: [copyAll(destinations.get(name) ?? '', replicaKeyAliasArn(stage, replica.region))],
      };
    }
  }
}

function copyAll(bucket: string, replicaKmsKeyId: string): CfnBucket.ReplicationRuleProperty {
  return {
    id: 'everything',
    status: 'Enabled',
    priority: 1,
    filter: { prefix: '' },
    deleteMarkerReplication: { status: 'Enabled' },
    sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
    destination: {
      bucket,
      encryptionConfiguration: { replicaKmsKeyId },
      // Time control: what S3 promises, and what the alarms on the delay and on failures measure.
      replicationTime: { status: 'Enabled', time: { minutes: 15 } },
      metrics: { status: 'Enabled', eventThreshold: { minutes: 15 } },
    },
  };
}
