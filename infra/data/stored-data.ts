import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Config } from '../../lib/config/schema.ts';
import { WorkQueue } from '../events/work-queue.ts';
import { replicaKeyAliasArn } from '../names.ts';
import { edgeRegion, type Stage } from '../stages.ts';
import { AccessLogBucket } from './access-log-bucket.ts';
import { Backups } from './backups.ts';
import { letCloudFrontDecrypt } from './cloud-front-access.ts';
import { GeneratedSecret } from './generated-secret.ts';
import { RecordsTable } from './records-table.ts';
import { Replication } from './replication.ts';
import { StorageBucket } from './storage-bucket.ts';

export interface StoredDataProps {
  readonly stage: Stage;
  readonly config: Config;
}

/** Everything that holds data, and so outlives the rest: the key, the buckets, the records, the secrets, the backups. */
export class StoredData extends Construct {
  readonly encryptionKey: Key;
  /** By the name that `stowage.json` gives. */
  readonly buckets: ReadonlyMap<string, StorageBucket>;
  readonly table: RecordsTable;
  /** Tells that deliveries to webhooks are due. What is to be delivered stands in the records. */
  readonly deliveries: WorkQueue;
  /** `{"current": "…"}`: seals upload ids and delegated tokens. */
  readonly signingSecret: GeneratedSecret;
  /** The API key with every grant. */
  readonly rootKeySecret: GeneratedSecret;
  /** By which the API knows CloudFront, the current one first. Empty where there is no CloudFront. */
  readonly originSecrets: readonly GeneratedSecret[];
  /** The private keys that sign for CloudFront, by generation, the one that signs first. Empty where it serves no bucket. */
  readonly cdnKeySecrets: ReadonlyMap<number, GeneratedSecret>;
  readonly backups?: Backups;

  constructor(scope: Construct, id: string, { stage, config }: StoredDataProps) {
    super(scope, id);
    const { edge, replica } = stage;

    this.encryptionKey = new Key(this, 'EncryptionKey', {
      description: `Objects, records and secrets of Stowage ${stage.name}`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const { encryptionKey } = this;

    const accessLogs = new AccessLogBucket(this, 'AccessLogs', stage.logRetention);
    const { corsOrigins } = config.access;
    // A scope of their own keeps the configured names apart from the ids of this construct.
    const bucketScope = new Construct(this, 'Buckets');
    this.buckets = new Map(
      Object.entries(config.buckets).map(([name, rules]) => [
        name,
        new StorageBucket(bucketScope, name, {
          rules,
          encryptionKey,
          accessLogs,
          corsOrigins,
          behindCloudFront: edge !== undefined && rules.cdn !== undefined,
        }),
      ]),
    );
    const hasCdn = edge !== undefined && Object.values(config.buckets).some(({ cdn }) => cdn);
    if (hasCdn) letCloudFrontDecrypt(encryptionKey);

    this.table = new RecordsTable(this, 'Records', { stage, encryptionKey });
    // Here, because the API sends to it and other stacks stand on the API.
    this.deliveries = new WorkQueue(this, 'Deliveries', Duration.minutes(1));

    const copies = replica && {
      replicas: [{ region: replica.region, keyArn: replicaKeyAliasArn(stage, replica.region) }],
    };
    this.signingSecret = new GeneratedSecret(this, 'SigningSecret', {
      description: 'Stowage: seals upload ids and delegated tokens',
      encryptionKey,
      length: 64,
      jsonField: 'current',
      ...copies,
    });
    this.rootKeySecret = new GeneratedSecret(this, 'RootKey', {
      description: 'Stowage: the API key with every grant',
      encryptionKey,
      length: 48,
      ...copies,
    });
    this.originSecrets = (edge?.originSecretGenerations ?? []).map(
      (generation) =>
        new GeneratedSecret(this, `OriginSecret${generation}`, {
          description: `Stowage: by which the API knows CloudFront, generation ${generation}`,
          encryptionKey,
          length: 48,
          ...(stage.region !== edgeRegion && { replicas: [{ region: edgeRegion }] }),
        }),
    );
    const cdnKeyGenerations = hasCdn ? edge.signingKeyGenerations : [];
    this.cdnKeySecrets = new Map(
      cdnKeyGenerations.flatMap((generation) =>
        generation === undefined ? [] : [[generation, this.cdnKeySecret(generation, encryptionKey)] as const],
      ),
    );

    if (replica)
      new Replication(this, 'Replication', { stage, replica, encryptionKey, buckets: this.buckets });
    if (stage.backup) {
      this.backups = new Backups(this, 'Backups', {
        stage,
        encryptionKey,
        buckets: [...this.buckets.values()].filter((bucket) => bucket.versioned),
        table: this.table,
      });
    }
  }

  private cdnKeySecret(generation: number, encryptionKey: Key): GeneratedSecret {
    return new GeneratedSecret(this, `CdnKey${generation}`, {
      description: `Stowage: the key that signs for CloudFront, generation ${generation}`,
      encryptionKey,
      // A function of the API's stack puts a key in the place of what is drawn.
      length: 48,
    });
  }
}
