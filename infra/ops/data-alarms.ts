import { Duration } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { StoredData } from '../data/stored-data.ts';
import { replicaBucketName } from '../names.ts';
import type { Stage } from '../stages.ts';
import { type AlarmDefinition, metric, minute } from './alarm.ts';

/** What the service does with the table: DynamoDB keeps these figures by operation only. */
const operations = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'TransactWriteItems'];

export function tableAlarms({ table }: StoredData): AlarmDefinition[] {
  const overAllOperations = (metricName: string) =>
    new MathExpression({
      label: metricName,
      expression: 'SUM(METRICS())',
      usingMetrics: Object.fromEntries(
        operations.map((Operation, index) => [
          `m${index}`,
          metric('AWS/DynamoDB', metricName, { TableName: table.tableName, Operation }),
        ]),
      ),
      period: minute,
    });
  return [
    {
      id: 'TableThrottles',
      says: 'DynamoDB turns requests for the records away.',
      metric: overAllOperations('ThrottledRequests'),
      above: 0,
    },
    {
      id: 'TableErrors',
      says: 'DynamoDB fails requests for the records.',
      metric: overAllOperations('SystemErrors'),
      above: 0,
    },
  ];
}

/** Of the copies in the recovery region: one pair for each bucket that is copied. */
export function replicationAlarms(stage: Stage, { buckets }: StoredData): AlarmDefinition[] {
  if (!stage.replica) return [];
  return [...buckets]
    .filter(([, bucket]) => bucket.versioned)
    .flatMap(([name, bucket]) => {
      const dimensions = {
        SourceBucket: bucket.bucketName,
        DestinationBucket: replicaBucketName(stage, name),
        RuleId: 'everything',
      };
      return [
        {
          id: `ReplicationFailures-${name}`,
          says: `Objects of the bucket "${name}" could not be copied to the recovery region.`,
          metric: metric('AWS/S3', 'OperationsFailedReplication', dimensions),
          above: 0,
        },
        {
          id: `ReplicationDelay-${name}`,
          says: `The copy of the bucket "${name}" is more than 15 minutes behind.`,
          metric: metric('AWS/S3', 'ReplicationLatency', dimensions, { statistic: 'Maximum' }),
          above: 900,
        },
      ];
    });
}

export function backupAlarms(vaultName: string): AlarmDefinition[] {
  return [
    {
      id: 'BackupFailures',
      says: 'A backup was not made.',
      metric: metric(
        'AWS/Backup',
        'NumberOfBackupJobsFailed',
        { BackupVaultName: vaultName },
        { period: Duration.hours(1) },
      ),
      above: 0,
      periods: [1, 1],
    },
  ];
}
