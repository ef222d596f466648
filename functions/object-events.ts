import { loadConfig } from '../lib/config/load.ts';
import { parseObjectEventsEnvironment } from '../lib/config/worker-environment.ts';
import { createFanOut } from '../lib/events/fan-out.ts';
import { objectEventWork } from '../lib/events/object-event-work.ts';
import { createSubscribers } from '../lib/events/subscribers.ts';
import { sqsHandler } from '../lib/hosts/sqs-batch.ts';
import { openSqsSender } from '../lib/queue/sqs-send.ts';
import { openSqsQueue } from '../lib/queue/sqs.ts';
import { createDynamoRecords } from '../lib/records/dynamodb.ts';
import { bucketOfName } from '../lib/storage/endpoint.ts';
import { createStorage } from '../lib/storage/storage.ts';
import { createLog } from '../lib/telemetry/log.ts';

/** Every change in a bucket: S3 → EventBridge → SQS → the subscribers. */

const environment = parseObjectEventsEnvironment(process.env);
const { endpoint, recordsTable: table, dynamodbUrl, deliveryQueueUrl } = environment;
const config = loadConfig(environment.configPath);
const log = createLog((line) => process.stdout.write(`${line}\n`));
const records = createDynamoRecords({ table, connection: { ...environment, endpoint: dynamodbUrl } });
const storage = createStorage(environment);
const now = () => new Date();
const deliveries = openSqsSender({ ...environment, queueUrl: deliveryQueueUrl });
const subscribers = createSubscribers({ config, storage, records, deliveries, log, now });

export const handler = sqsHandler(
  objectEventWork(
    { queue: openSqsQueue(environment), log },
    createFanOut({ subscribers, records, now }),
    (name) => bucketOfName(endpoint, name),
  ),
);
