import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { replicaKeyAliasArn } from '../names.ts';
import type { Stage } from '../stages.ts';

export interface RecordsTableProps {
  readonly stage: Stage;
  readonly encryptionKey: Key;
}

/**
 * The records: one table, partition and sort key, paid by the request. It can be brought back to any second of the last
 * 35 days, CloudFormation cannot delete it, and it is kept when its stack goes. The resource for global tables also where
 * there is no replica, since a table that is none can't become one.
 */
export class RecordsTable extends Construct {
  readonly tableName: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, { stage, encryptionKey }: RecordsTableProps) {
    super(scope, id);
    const { replica } = stage;
    const table = new CfnGlobalTable(this, 'Resource', {
      billingMode: 'PAY_PER_REQUEST',
      attributeDefinitions: [
        { attributeName: 'pk', attributeType: 'S' },
        { attributeName: 'sk', attributeType: 'S' },
      ],
      keySchema: [
        { attributeName: 'pk', keyType: 'HASH' },
        { attributeName: 'sk', keyType: 'RANGE' },
      ],
      timeToLiveSpecification: { attributeName: 'expiresAt', enabled: true },
      sseSpecification: { sseEnabled: true, sseType: 'KMS' },
      replicas: [
        tableIn(Stack.of(this).region, encryptionKey.keyArn),
        ...(replica ? [tableIn(replica.region, replicaKeyAliasArn(stage, replica.region))] : []),
      ],
      // What a replica is fed from.
      ...(replica && { streamSpecification: { streamViewType: 'NEW_AND_OLD_IMAGES' } }),
    });
    table.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.tableName = table.ref;
    this.arn = table.attrArn;
  }
}

function tableIn(region: string, kmsMasterKeyId: string): CfnGlobalTable.ReplicaSpecificationProperty {
  return {
    region,
    sseSpecification: { kmsMasterKeyId },
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtectionEnabled: true,
  };
}
