import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { bucketConnection, eventUse, queueConnection, recordsConnection } from '../lambda/connections.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import { bucketRule, changeTypes } from './bucket-rule.ts';
import { malwareProtection } from './malware-protection.ts';
import { WorkQueue } from './work-queue.ts';
import type { Worker, WorkerContext } from './worker.ts';

/** Every change in a bucket: S3 → EventBridge → queue → function. */
export function objectEvents(scope: Construct, context: WorkerContext): Worker {
  const { data } = context;
  const queue = new WorkQueue(scope, 'ObjectEventQueue', Duration.minutes(1));
  const worker = new ServiceFunction(scope, 'ObjectEvents', {
    ...context,
    entry: 'object-events',
    description: 'Confirms uploads, counts, and tells whoever wants to know of a change',
    memoryMegabytes: 512,
    timeout: queue.functionTimeout,
  });
  worker.connect(bucketConnection(scope, data.buckets, data.encryptionKey, eventUse));
  worker.connect(recordsConnection(data.table, data.encryptionKey));
  worker.connect(queueConnection('STOWAGE_DELIVERY_QUEUE_URL', data.deliveries.queue));
  queue.workedOnBy(worker, { batchSize: 10, maxConcurrency: 20 });
  const rule = bucketRule(scope, 'ObjectEventRule', {
    description: 'Changes in the buckets of Stowage',
    buckets: [...data.buckets.values()],
    detailTypes: changeTypes,
    queue,
  });
  malwareProtection(scope, context, queue);
  return { function: worker, queue, ruleName: rule.ref };
}
