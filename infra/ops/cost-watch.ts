import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { CfnStorageLens } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { StoredData } from '../data/stored-data.ts';
import type { Stage } from '../stages.ts';

/** Tells when the month is forecast to cost more than it may. Bills know the tag once it is activated for the account. */
export function addBudget(scope: Construct, stage: Stage, topic: ITopic, monthlyDollars: number): void {
  const subscribers = [{ subscriptionType: 'SNS', address: topic.topicArn }];
  new CfnBudget(scope, 'Budget', {
    budget: {
      budgetName: `stowage-${stage.name}`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: monthlyDollars, unit: 'USD' },
      costFilters: { TagKeyValue: [`user:stowage:stage$${stage.name}`] },
    },
    notificationsWithSubscribers: [
      {
        notification: {
          notificationType: 'FORECASTED',
          comparisonOperator: 'GREATER_THAN',
          threshold: 100,
          thresholdType: 'PERCENTAGE',
        },
        subscribers,
      },
      {
        notification: {
          notificationType: 'ACTUAL',
          comparisonOperator: 'GREATER_THAN',
          threshold: 80,
          thresholdType: 'PERCENTAGE',
        },
        subscribers,
      },
    ],
  });
}

/** What the buckets hold and how it grows, in figures that cost nothing. */
export function addStorageLens(scope: Construct, stage: Stage, { buckets }: StoredData): void {
  new CfnStorageLens(scope, 'StorageLens', {
    storageLensConfiguration: {
      id: `stowage-${stage.name}`,
      isEnabled: true,
      accountLevel: { bucketLevel: {} },
      include: { buckets: [...buckets.values()].map((bucket) => bucket.bucketArn) },
    },
  });
}
