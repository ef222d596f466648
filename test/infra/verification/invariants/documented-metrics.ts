/**
 * Metrics that AWS documents, though its own specification leaves them out.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Service-Quota-Integration.html
 */
export const documentedMetrics: ReadonlySet<string> = new Set([
  'AWS/S3 OperationsFailedReplication',
  'AWS/S3 OperationsPendingReplication',
  'AWS/S3 BytesPendingReplication',
  'AWS/S3 ReplicationLatency',
  'AWS/Backup NumberOfBackupJobsFailed',
  'AWS/Backup NumberOfBackupJobsExpired',
  'AWS/Backup NumberOfRestoreJobsFailed',
  'AWS/Lambda ClaimedAccountConcurrency',
  'AWS/Usage ResourceCount',
]);
