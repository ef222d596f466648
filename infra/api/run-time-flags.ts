import { Aws, Duration } from 'aws-cdk-lib';
import {
  CfnApplication,
  CfnConfigurationProfile,
  CfnDeployment,
  CfnDeploymentStrategy,
  CfnEnvironment,
  CfnHostedConfigurationVersion,
} from 'aws-cdk-lib/aws-appconfig';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { flagsJsonSchema } from '../../lib/config/flags.ts';
import type { Config } from '../../lib/config/schema.ts';
import type { Connection } from '../lambda/service-function.ts';
import type { Stage } from '../stages.ts';

export interface RunTimeFlagsProps {
  readonly stage: Stage;
  readonly config: Config;
  /** Takes a change back. */
  readonly alarm: Alarm;
}

/** A fifth of the functions hears of a change each minute; for ten minutes more it may be taken back. */
const duration = Duration.minutes(5);
const bakeTime = Duration.minutes(10);

/**
 * The flags of `stowage.json` in AppConfig, where they can be changed without a deployment: what the schema does not allow
 * is refused, what makes callers see faults is taken back by itself.
 */
export class RunTimeFlags extends Construct {
  /** For the function that reads them. */
  readonly connection: Connection;

  constructor(scope: Construct, id: string, { stage, config, alarm }: RunTimeFlagsProps) {
    super(scope, id);
    const name = `stowage-${stage.name}`;
    const { ref: applicationId } = new CfnApplication(this, 'Application', { name });
    const role = new Role(this, 'Role', {
      description: `Stowage ${stage.name}: looks whether a change of the flags does harm`,
      assumedBy: new ServicePrincipal('appconfig.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    const policy = new Policy(this, 'RolePolicy', {
      roles: [role],
      // Alarms are described by their names, all or none.
      statements: [new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] })],
    });
    const environment = new CfnEnvironment(this, 'Environment', {
      applicationId,
      name: stage.name,
      monitors: [{ alarmArn: alarm.alarmArn, alarmRoleArn: role.roleArn }],
    });
    environment.node.addDependency(policy);
    const profile = new CfnConfigurationProfile(this, 'Profile', {
      applicationId,
      name: 'flags',
      locationUri: 'hosted',
      validators: [
        { type: 'JSON_SCHEMA', content: JSON.stringify(flagsJsonSchema(Object.keys(config.buckets))) },
      ],
    });
    const version = new CfnHostedConfigurationVersion(this, 'Version', {
      applicationId,
      configurationProfileId: profile.ref,
      contentType: 'application/json',
      content: JSON.stringify(config.flags),
    });
    const strategy = new CfnDeploymentStrategy(this, 'Strategy', {
      name,
      growthType: 'LINEAR',
      growthFactor: 20,
      deploymentDurationInMinutes: duration.toMinutes(),
      finalBakeTimeInMinutes: bakeTime.toMinutes(),
      replicateTo: 'NONE',
    });
    // Only when the file changes: what an operator has set meanwhile stays.
    new CfnDeployment(this, 'Deployment', {
      applicationId,
      environmentId: environment.ref,
      configurationProfileId: profile.ref,
      configurationVersion: version.ref,
      deploymentStrategyId: strategy.ref,
    });

    const arn = `arn:${Aws.PARTITION}:appconfig:${Aws.REGION}:${Aws.ACCOUNT_ID}:application/${applicationId}/environment/${environment.ref}/configuration/${profile.ref}`;
    this.connection = {
      name: 'STOWAGE_FLAGS_ARN',
      value: arn,
      grants: [
        new PolicyStatement({
          actions: ['appconfig:GetLatestConfiguration', 'appconfig:StartConfigurationSession'],
          resources: [arn],
        }),
      ],
    };
  }
}
