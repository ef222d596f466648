import { Aws, CfnOutput, Duration } from 'aws-cdk-lib';
import { FederatedPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { StageStack } from './stage-stack.ts';
import { edgeRegion, type Stage } from './stages.ts';

/** `cdk bootstrap` gives its roles this name unless it is told another. */
const bootstrapQualifier = 'hnb659fds';

const issuer = 'token.actions.githubusercontent.com';

export interface PipelineStackProps {
  readonly stage: Stage;
  /** `owner/name` on GitHub. */
  readonly repository: string;
}

/**
 * The role that the workflow in `.github/workflows/deploy.yml` takes on, with a token of GitHub's for a job that runs in
 * the environment of this stage: no key is kept anywhere. All that it may do is to take on the roles of the CDK.
 */
export class PipelineStack extends StageStack {
  constructor(scope: Construct, id: string, { stage, repository }: PipelineStackProps) {
    super(scope, id, { stage, description: 'who may deploy' });
    const role = new Role(this, 'DeployRole', {
      roleName: `stowage-${stage.name}-deploy`,
      description: `Stowage ${stage.name}: deploys from ${repository}`,
      maxSessionDuration: Duration.hours(1),
      assumedBy: new FederatedPrincipal(
        `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/${issuer}`,
        {
          StringEquals: {
            [`${issuer}:aud`]: 'sts.amazonaws.com',
            [`${issuer}:sub`]: `repo:${repository}:environment:${stage.name}`,
          },
        },
        'sts:AssumeRoleWithWebIdentity',
      ),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['sts:AssumeRole'],
        resources: regionsOf(stage).flatMap((region) =>
          ['deploy', 'file-publishing', 'lookup'].map(
            (purpose) =>
              `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/cdk-${bootstrapQualifier}-${purpose}-role-${Aws.ACCOUNT_ID}-${region}`,
          ),
        ),
      }),
    );
    new CfnOutput(this, 'DeployRoleArn', {
      description: `The variable AWS_ROLE_ARN of the environment "${stage.name}" on GitHub`,
      value: role.roleArn,
    });
  }
}

function regionsOf({ region = Aws.REGION, edge, replica }: Stage): string[] {
  const regions = [region, ...(edge ? [edgeRegion] : []), ...(replica ? [replica.region] : [])];
  return [...new Set(regions)];
}
