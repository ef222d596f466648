import { createRevocations } from '../lib/access/revocations.ts';
import { loadConfig } from '../lib/config/load.ts';
import { parseWebhookDeliveryEnvironment } from '../lib/config/worker-environment.ts';
import { sqsHandler } from '../lib/hosts/sqs-batch.ts';
import { openSqsQueue } from '../lib/queue/sqs.ts';
import { createDynamoRecords } from '../lib/records/dynamodb.ts';
import { createLog } from '../lib/telemetry/log.ts';
import { lostAuthority } from '../lib/webhooks/authority.ts';
import { deliveryWork } from '../lib/webhooks/delivery-work.ts';
import { recordLanes } from '../lib/webhooks/record-lanes.ts';

/** Webhooks: SQS batch → signed HTTPS POST. */

const environment = parseWebhookDeliveryEnvironment(process.env);
const { recordsTable: table, dynamodbUrl } = environment;
const config = loadConfig(environment.configPath);
const log = createLog((line) => process.stdout.write(`${line}\n`));
const now = () => new Date();
const records = createDynamoRecords({ table, connection: { ...environment, endpoint: dynamodbUrl } });
const revocations = createRevocations(records, config, now);
const queue = openSqsQueue(environment);

export const handler = sqsHandler(
  deliveryWork(queue, {
    records,
    deliveries: queue,
    lanes: recordLanes({ records, now }),
    lostAuthority: lostAuthority({ records, revocations, now }),
    posting: environment.webhookTargets,
    log,
    now,
  }),
);
