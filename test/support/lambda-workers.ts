import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunction } from '../../infra/bundle.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { openEmbeddedStore } from '../../lib/embedded/store.ts';
import { startPump } from '../../lib/events/pump.ts';
import { listen } from '../../lib/hosts/node.ts';
import type { Queue } from '../../lib/queue/port.ts';
import { Api } from '../hosts/suite/host.ts';
import { startGatekeeper } from '../infra/verification/recording/gatekeeper.ts';
import { s3Permissions } from '../infra/verification/recording/s3-permissions.ts';
import { toApiGatewayEvent } from './api-gateway-event.ts';
import type { DynamoDbLocal } from './dynamodb-local.ts';
import { type EventSource, openEventSource } from './event-source.ts';
import { buildLambdaFunction, recordsTable } from './lambda-function.ts';
import { startLambda } from './lambda-process.ts';
import { toResponse } from './lambda-response.ts';
import { openLocalQueue, type QueueUrls, startLocalSqs } from './local-sqs.ts';
import { createRecordsTable, deleteRecordsTable } from './records-table.ts';
import { region, storeCredentials } from './service.ts';

/** The deployment in AWS as three bundled functions in processes of their own, and what they ask of AWS on loopback. */
export interface LambdaDeployment {
  readonly api: Api;
  /** What storage tells of changes, as EventBridge brings it. */
  readonly events: Queue;
  readonly eventSource: EventSource;
  readonly deliverySource: EventSource;
  readonly close: () => Promise<void>;
}

/** The bucket "files", as storage calls it. */
const bucketName = 'stowage-test-files-1x2y3z';

/** @param isLocked - whether storage denies the workers an object at the moment, by its key. Default: none */
export async function openLambdaDeployment(
  dynamodb: DynamoDbLocal,
  isLocked: (key: string) => boolean = () => false,
): Promise<LambdaDeployment> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-workers-'));
  const config = parseConfig({ buckets: { files: { inspect: ['type'] } } });
  await createRecordsTable(dynamodb.endpoint, recordsTable);
  const store = await openEmbeddedStore({
    dataDir: join(folder, 'store'),
    credentials: storeCredentials,
    region,
    buckets: [{ name: bucketName, versioning: false }],
    corsOrigins: () => [],
    log: () => {},
  });
  const s3Url = `http://127.0.0.1:${await listen(store.server, 0, '127.0.0.1')}`;
  const guarded = await startGatekeeper({
    targetUrl: s3Url,
    permissionsFor: s3Permissions,
    isAllowed: async ({ resource }) => !isLocked(resource.slice(`arn:aws:s3:::${bucketName}/`.length)),
  });
  const sqs = await startLocalSqs();
  const eventQueue = await sqs.createQueue(20);
  const deliveryQueue = await sqs.createQueue(20);

  const surroundings = { s3Url, dynamodbUrl: dynamodb.endpoint, deliveryQueueUrl: deliveryQueue.queueUrl };
  const built = await buildLambdaFunction(config, surroundings);
  const shared = {
    ...built.environment,
    STOWAGE_S3_BUCKET_NAMES: JSON.stringify({ files: bucketName }),
    STOWAGE_WEBHOOK_ALLOW_LOOPBACK: 'true',
  };
  // Before any of them starts: to bundle holds up this process, and with it whoever answers them.
  for (const entry of ['object-events', 'webhook-delivery']) {
    bundleFunction(entry, config, join(folder, entry));
  }
  const startWorker = (entry: string, { queueUrl, deadLetterQueueUrl }: QueueUrls) =>
    startLambda(join(folder, entry, `${entry}.mjs`), {
      ...shared,
      STOWAGE_S3_ENDPOINT: guarded.url,
      STOWAGE_QUEUE_URL: queueUrl,
      STOWAGE_DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
    });
  const lambdas = await Promise.all([
    startLambda(built.modulePath, shared),
    startWorker('object-events', eventQueue),
    startWorker('webhook-delivery', deliveryQueue),
  ]);
  const [apiFunction, objectEvents, webhookDelivery] = lambdas;
  const events = openLocalQueue(eventQueue);
  const deliveries = openLocalQueue(deliveryQueue);
  const stopPump = startPump({ events: store.events, queue: events, log: () => {} });
  const eventSource = openEventSource(events, objectEvents);
  const deliverySource = openEventSource(deliveries, webhookDelivery);
  return {
    api: new Api(() => ({
      request: async (method, target, headers, body) =>
        toResponse((await apiFunction.invoke(toApiGatewayEvent(method, target, headers, body))).result),
      hasRecords: true,
      close: async () => undefined,
    })),
    events,
    eventSource,
    deliverySource,
    close: async () => {
      for (const source of [eventSource, deliverySource]) await source.stop();
      await stopPump();
      for (const lambda of lambdas) await lambda.stop();
      for (const queue of [events, deliveries]) await queue.close();
      await sqs.stop();
      await built.close();
      await guarded.close();
      await store.close();
      await deleteRecordsTable(dynamodb.endpoint, recordsTable);
      await rm(folder, { recursive: true });
    },
  };
}
