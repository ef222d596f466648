import { Aws, Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnApplication, CfnDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type Alias, CfnAlias, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import type { FrontDoor } from './front-door.ts';

export interface CanaryProps {
  readonly stage: Stage;
  readonly function: LambdaFunction;
  readonly alias: Alias;
  readonly frontDoor: FrontDoor;
}

/**
 * A new version of a function gets a tenth of the calls for five minutes, and then all; when one of the canary's alarms
 * goes off, the old one has all of them again. They are alarms of its own, which page nobody: one that pages may be
 * ringing already, and would then forbid the very deployment that mends it.
 */
export class Canary extends Construct {
  readonly alarms: readonly Alarm[];
  /** The one that does not name the function. */
  readonly serverErrors: Alarm;

  constructor(scope: Construct, id: string, { stage, function: deployed, alias, frontDoor }: CanaryProps) {
    super(scope, id);
    const errors = new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensionsMap: { FunctionName: deployed.functionName, Resource: `${deployed.functionName}:live` },
      statistic: 'Sum',
      period: Duration.minutes(1),
    });
    const serverErrors = new Metric({
      namespace: 'AWS/ApiGateway',
      metricName: frontDoor.metrics.serverErrors,
      dimensionsMap: { ...frontDoor.metrics.dimensions },
      statistic: 'Sum',
      period: Duration.minutes(1),
    });
    const failed = this.alarm('Errors', errors, 1, 'a call has failed');
    this.serverErrors = this.alarm('ServerErrors', serverErrors, 5, 'callers got a 5xx');
    this.alarms = [failed, this.serverErrors];

    const application = new CfnApplication(this, 'Application', { computePlatform: 'Lambda' });
    const role = new Role(this, 'Role', {
      description: `Stowage ${stage.name}: shifts calls to a new version`,
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    const policy = new Policy(this, 'RolePolicy', {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ['lambda:GetAlias', 'lambda:GetProvisionedConcurrencyConfig', 'lambda:UpdateAlias'],
          resources: [deployed.functionArn, `${deployed.functionArn}:live`],
        }),
        // Alarms are described by their names, all or none.
        new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }),
      ],
    });
    const group = new CfnDeploymentGroup(this, 'Group', {
      applicationName: application.ref,
      serviceRoleArn: role.roleArn,
      deploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      alarmConfiguration: {
        enabled: true,
        alarms: this.alarms.map(({ alarmName }) => ({ name: alarmName })),
      },
      autoRollbackConfiguration: {
        enabled: true,
        events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
      },
    });

    const resource = alias.node.defaultChild;
    if (!CfnAlias.isCfnAlias(resource)) throw new TypeError('An alias is made of a CfnAlias.');
    resource.cfnOptions.updatePolicy = {
      codeDeployLambdaAliasUpdate: { applicationName: application.ref, deploymentGroupName: group.ref },
    };
    resource.node.addDependency(policy);
  }

  private alarm(id: string, metric: Metric, threshold: number, what: string): Alarm {
    return new Alarm(this, id, {
      alarmDescription: `While a new version is coming in, ${what}: the old one is put back.`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
