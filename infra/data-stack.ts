import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Config } from '../lib/config/schema.ts';
import { AccessLogBucket } from './access-log-bucket.ts';
import { GeneratedSecret } from './generated-secret.ts';
import type { Stage } from './stages.ts';
import { StorageBucket } from './storage-bucket.ts';

export interface DataStackProps {
  readonly stage: Stage;
  readonly config: Config;
}

/** Everything that holds data, and so outlives the rest: the key, the buckets, the secrets. */
export class DataStack extends Stack {
  readonly encryptionKey: Key;
  /** By the name that `stowage.json` gives. */
  readonly buckets: ReadonlyMap<string, StorageBucket>;
  /** `{"current": "…"}`: seals upload ids and delegated tokens. */
  readonly signingSecret: GeneratedSecret;
  /** The API key with every grant. */
  readonly rootKeySecret: GeneratedSecret;

  constructor(scope: Construct, id: string, { stage, config }: DataStackProps) {
    super(scope, id, {
      description: `Stowage ${stage.name}: buckets, encryption key and secrets`,
      terminationProtection: stage.terminationProtection,
    });

    this.encryptionKey = new Key(this, 'EncryptionKey', {
      description: `Objects and secrets of Stowage ${stage.name}`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const { encryptionKey } = this;

    const accessLogs = new AccessLogBucket(this, 'AccessLogs', stage.logRetention);
    const { corsOrigins } = config.access;
    // A scope of their own keeps the configured names apart from the ids of this stack.
    const bucketScope = new Construct(this, 'Buckets');
    this.buckets = new Map(
      Object.entries(config.buckets).map(([name, rules]) => [
        name,
        new StorageBucket(bucketScope, name, { rules, encryptionKey, accessLogs, corsOrigins }),
      ]),
    );

    this.signingSecret = new GeneratedSecret(this, 'SigningSecret', {
      description: 'Stowage: seals upload ids and delegated tokens',
      encryptionKey,
      length: 64,
      jsonField: 'current',
    });
    this.rootKeySecret = new GeneratedSecret(this, 'RootKey', {
      description: 'Stowage: the API key with every grant',
      encryptionKey,
      length: 48,
    });

    for (const [name, bucket] of this.buckets) {
      new CfnOutput(bucket, 'Name', {
        description: `The bucket "${name}" of stowage.json`,
        value: bucket.bucketName,
      });
    }
    new CfnOutput(this, 'RootKeyArn', {
      description: 'The secret that holds the root key',
      value: this.rootKeySecret.arn,
    });
  }
}
