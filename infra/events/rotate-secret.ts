import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Config } from '../../lib/config/schema.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import type { Worker, WorkerContext } from './worker.ts';

/**
 * How often, in days: monthly, but not sooner than an upload under way may take. Its id is sealed, and two generations
 * later it would open no more.
 */
export function rotationDays({ buckets }: Config): number {
  return Math.max(30, ...Object.values(buckets).map(({ abandonedUploadDays }) => abandonedUploadDays));
}

/**
 * The signing secret, made anew by Secrets Manager's four steps. The root key is not rotated by itself: whoever holds it
 * would be locked out overnight.
 */
export function rotateSecret(scope: Construct, context: WorkerContext): Worker {
  const { signingSecret, encryptionKey } = context.data;
  const worker = new ServiceFunction(scope, 'RotateSecret', {
    ...context,
    entry: 'rotate-secret',
    description: 'Makes the signing secret anew and keeps the one before',
    memoryMegabytes: 256,
    timeout: Duration.minutes(1),
  });
  worker.addToRolePolicy(
    new PolicyStatement({
      actions: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resources: [signingSecret.arn],
    }),
  );
  worker.addToRolePolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [encryptionKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Aws.REGION}.amazonaws.com` } },
    }),
  );
  const permission = new CfnPermission(scope, 'MayRotate', {
    action: 'lambda:InvokeFunction',
    functionName: worker.functionArn,
    principal: 'secretsmanager.amazonaws.com',
    sourceAccount: Aws.ACCOUNT_ID,
    sourceArn: signingSecret.arn,
  });
  const schedule = new CfnRotationSchedule(scope, 'Rotation', {
    secretId: signingSecret.arn,
    rotationLambdaArn: worker.functionArn,
    rotationRules: { scheduleExpression: `rate(${rotationDays(context.config)} days)`, duration: '4h' },
    // What is there when the function comes is a good secret.
    rotateImmediatelyOnUpdate: false,
  });
  schedule.addResourceDependency(permission);
  return { function: worker };
}
