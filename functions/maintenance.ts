import { daysSinceRotation } from '../lib/access/rotation-age.ts';
import { openSecretsManager } from '../lib/access/secrets-manager.ts';
import { loadConfig } from '../lib/config/load.ts';
import { parseMaintenanceEnvironment } from '../lib/config/worker-environment.ts';
import { maintenanceHandler } from '../lib/maintenance/handler.ts';
import { awsTasks } from '../lib/maintenance/tasks.ts';
import { noQueue } from '../lib/queue/none.ts';
import { openSqsSender } from '../lib/queue/sqs-send.ts';
import { createDynamoRecords } from '../lib/records/dynamodb.ts';
import { createStorage } from '../lib/storage/storage.ts';
import { createLog } from '../lib/telemetry/log.ts';
import { fullestQuotaPercent } from '../lib/usage/fullest-quota.ts';

/** On a schedule: settles uploads that nobody completed, holds usage against storage, and measures. */

const environment = parseMaintenanceEnvironment(process.env);
const { recordsTable: table, dynamodbUrl, secretsManagerUrl: url, signingSecretArn } = environment;
const { deliveryQueueUrl: queueUrl } = environment;
const config = loadConfig(environment.configPath);
const records = createDynamoRecords({ table, connection: { ...environment, endpoint: dynamodbUrl } });
const secretsManager = openSecretsManager({ ...environment, url });
const deliveries = queueUrl === undefined ? noQueue() : openSqsSender({ ...environment, queueUrl });
const now = () => new Date();

export const handler = maintenanceHandler({
  tasks: awsTasks({ config, storage: createStorage(environment), records, deliveries, now, atOnce: 40 }),
  measure: async () => ({
    storageQuotaUsedPercent: await fullestQuotaPercent(config, records),
    daysSinceRotation: await daysSinceRotation(secretsManager, signingSecretArn, now()),
  }),
  records,
  log: createLog((line) => process.stdout.write(`${line}\n`)),
  now,
});
