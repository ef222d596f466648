import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import {
  bucketConnection,
  maintenanceUse,
  queueConnection,
  recordsConnection,
  secretAgeConnection,
} from '../lambda/connections.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import type { Worker, WorkerContext } from './worker.ts';

/** What has to be done from time to time: every hour. That two do not do the same, its locks see to. */
export function maintenance(scope: Construct, context: WorkerContext): Worker {
  const { data } = context;
  const worker = new ServiceFunction(scope, 'Maintenance', {
    ...context,
    entry: 'maintenance',
    description: 'Settles what nobody completed, counts again, and measures',
    memoryMegabytes: 512,
    timeout: Duration.minutes(15),
  });
  worker.connect(bucketConnection(scope, data.buckets, data.encryptionKey, maintenanceUse));
  worker.connect(recordsConnection(data.table, data.encryptionKey));
  // A webhook whose message was lost gets another one.
  worker.connect(queueConnection('STOWAGE_DELIVERY_QUEUE_URL', data.deliveries.queue));
  worker.connect(secretAgeConnection('STOWAGE_SIGNING_SECRET_ARN', data.signingSecret));

  const rule = new CfnRule(scope, 'MaintenanceSchedule', {
    description: 'When Stowage settles and counts again',
    scheduleExpression: 'rate(1 hour)',
    targets: [
      {
        id: 'Function',
        arn: worker.functionArn,
        // The next one comes anyway.
        retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: Duration.hours(1).toSeconds() },
      },
    ],
  });
  new CfnPermission(scope, 'MayRunMaintenance', {
    action: 'lambda:InvokeFunction',
    functionName: worker.functionArn,
    principal: 'events.amazonaws.com',
    sourceArn: rule.attrArn,
  });
  return { function: worker };
}
