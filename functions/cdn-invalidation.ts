import { parseInvalidationEnvironment } from '../lib/config/lambda-environment.ts';
import { openInvalidations } from '../lib/downloads/cloudfront.ts';
import { invalidationHandler } from '../lib/downloads/invalidation.ts';
import { createDynamoRecords } from '../lib/records/dynamodb.ts';
import { createLog } from '../lib/telemetry/log.ts';

/** A minute's changes in the buckets with a `cdn`: S3 → EventBridge → SQS → CloudFront. */

const environment = parseInvalidationEnvironment(process.env);
const { distributionId, bucketNames, recordsTable: table, dynamodbUrl, cloudFrontUrl } = environment;
const names = new Map(Object.entries(bucketNames).map(([name, inStorage]) => [inStorage, name]));

export const handler = invalidationHandler({
  records: createDynamoRecords({ table, connection: { ...environment, endpoint: dynamodbUrl } }),
  invalidate: openInvalidations({ ...environment, distributionId, url: cloudFrontUrl }),
  bucketOf: (inStorage) => names.get(inStorage) ?? inStorage,
  log: createLog((line) => process.stdout.write(`${line}\n`)),
});
