import type { Construct } from 'constructs';
import { deliveryRecordActions, queueConnection, recordsConnection } from '../lambda/connections.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import type { Worker, WorkerContext } from './worker.ts';

/** Webhooks: queue → function → the receiver, who is out on the internet and so out of reach from the network. */
export function webhookDelivery(scope: Construct, context: WorkerContext): Worker {
  const { data } = context;
  const { deliveries } = data;
  const worker = new ServiceFunction(scope, 'WebhookDelivery', {
    ...context,
    network: undefined,
    entry: 'webhook-delivery',
    description: 'Signs and sends webhooks',
    memoryMegabytes: 256,
    timeout: deliveries.functionTimeout,
  });
  worker.connect(recordsConnection(data.table, data.encryptionKey, deliveryRecordActions));
  deliveries.workedOnBy(worker, { batchSize: 5, maxConcurrency: 50 });
  // What a receiver did not take is to be looked at again, later.
  worker.connect(queueConnection('STOWAGE_QUEUE_URL', deliveries.queue));
  return { function: worker, queue: deliveries };
}
