import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { apiUse, bucketConnection, recordsConnection } from '../lambda/connections.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import type { Worker, WorkerContext } from './worker.ts';

/** What has to be done from time to time: every hour, by one instance at most. */
export function maintenance(scope: Construct, context: WorkerContext): Worker {
  const { data } = context;
  const worker = new ServiceFunction(scope, 'Maintenance', {
    ...context,
    entry: 'maintenance',
    description: 'Cleans up, counts again, and tries whether backups can be restored',
    memoryMegabytes: 512,
    timeout: Duration.minutes(15),
    reservedConcurrency: 1,
  });
  worker.connect(bucketConnection(scope, data.buckets, data.encryptionKey, apiUse));
  worker.connect(recordsConnection(data.table, data.encryptionKey));

  const rule = new CfnRule(scope, 'MaintenanceSchedule', {
    description: 'When Stowage cleans up',
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
