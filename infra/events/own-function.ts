import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { bucketNames } from '../lambda/connections.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import { bucketRule, changeTypes } from './bucket-rule.ts';
import { ownRights } from './own-rights.ts';
import { WorkQueue } from './work-queue.ts';
import type { Worker, WorkerContext } from './worker.ts';

/**
 * A team's own function, where there is one in `functions/on-object-event.ts`: it has a queue and a role of its own, so
 * that it neither holds up the service nor may do what the service may.
 */
export function ownFunction(scope: Construct, context: WorkerContext): Worker {
  const { data } = context;
  const queue = new WorkQueue(scope, 'OwnFunctionQueue', Duration.minutes(1));
  const worker = new ServiceFunction(scope, 'OwnFunction', {
    ...context,
    network: undefined,
    entry: 'on-object-event',
    description: "The team's own code on each change in a bucket",
    memoryMegabytes: 512,
    timeout: queue.functionTimeout,
  });
  // Events alone: to read what they tell of is a right that the team gives.
  worker.connect({ ...bucketNames(scope, data.buckets), grants: [] });
  queue.workedOnBy(worker, { batchSize: 10, maxConcurrency: 20 });
  for (const statement of ownRights(data)) worker.addToRolePolicy(statement);
  const rule = bucketRule(scope, 'OwnFunctionRule', {
    description: "Changes in the buckets of Stowage, for the team's own code",
    buckets: [...data.buckets.values()],
    detailTypes: changeTypes,
    queue,
  });
  return { function: worker, queue, ruleName: rule.ref };
}
