import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { ServiceFunction } from '../lambda/service-function.ts';
import type { Worker, WorkerContext } from './worker.ts';

/** Longer than anything lives that is sealed under a secret of two generations: an upload under way, above all. */
const rotatedEvery = Duration.days(30);

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
    rotationRules: { scheduleExpression: `rate(${rotatedEvery.toDays()} days)`, duration: '4h' },
    // What is there when the function comes is a good secret.
    rotateImmediatelyOnUpdate: false,
  });
  schedule.addResourceDependency(permission);
  return { function: worker };
}
