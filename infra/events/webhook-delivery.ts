import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { queueConnection, recordsConnection } from '../lambda/connections.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import { WorkQueue } from './work-queue.ts';
import type { Worker, WorkerContext } from './worker.ts';

const timeout = Duration.minutes(1);

export function deliveryQueue(scope: Construct): WorkQueue {
  return new WorkQueue(scope, 'Deliveries', { functionTimeout: timeout });
}

/** Webhooks: queue → function → the receiver, who is out on the internet and so out of reach from the network. */
export function webhookDelivery(scope: Construct, context: WorkerContext): Worker {
  const { data, deliveries = deliveryQueue(scope) } = context;
  const worker = new ServiceFunction(scope, 'WebhookDelivery', {
    ...context,
    network: undefined,
    entry: 'webhook-delivery',
    description: 'Signs and sends webhooks',
    memoryMegabytes: 256,
    timeout,
  });
  worker.connect(recordsConnection(data.table, data.encryptionKey));
  // What a receiver did not take goes back into the queue, for later.
  worker.connect(queueConnection('STOWAGE_DELIVERY_QUEUE_URL', deliveries.queue));
  deliveries.workedOnBy(worker, { batchSize: 5, maxConcurrency: 50 });
  return { function: worker, queue: deliveries };
}
