import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Aws } from 'aws-cdk-lib';
import { type Alias, CfnAlias, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Stage } from '../stages.ts';

export interface WarmInstancesProps {
  readonly function: LambdaFunction;
  readonly alias: Alias;
  readonly limits: NonNullable<Stage['warmInstances']>;
}

/** More of them from the moment on that seven in ten are at work. */
const busyShare = 0.7;

/** Instances that have started already, as many as the calls of the last minutes want. */
export class WarmInstances extends Construct {
  constructor(scope: Construct, id: string, { function: warmed, alias, limits }: WarmInstancesProps) {
    super(scope, id);
    const resource = alias.node.defaultChild;
    if (!CfnAlias.isCfnAlias(resource)) throw new TypeError('An alias is made of a CfnAlias.');
    resource.provisionedConcurrencyConfig = { provisionedConcurrentExecutions: limits.atLeast };

    const target = new CfnScalableTarget(this, 'Target', {
      serviceNamespace: 'lambda',
      scalableDimension: 'lambda:function:ProvisionedConcurrency',
      resourceId: `function:${warmed.functionName}:${alias.aliasName}`,
      minCapacity: limits.atLeast,
      maxCapacity: limits.atMost,
      // The service makes this role itself, once for an account.
      roleArn: `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/aws-service-role/lambda.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency`,
    });
    target.addResourceDependency(resource);
    new CfnScalingPolicy(this, 'Policy', {
      policyName: 'share-of-busy-instances',
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.ref,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: busyShare,
        predefinedMetricSpecification: {
          predefinedMetricType: 'LambdaProvisionedConcurrencyUtilization',
        },
      },
    });
  }
}
