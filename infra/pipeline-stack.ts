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
 * The roles that the workflow in `.github/workflows/deploy.yml` takes on with a token of GitHub's, so that no key is kept
 * anywhere: one that deploys, for jobs in the environment of this stage, and one that only looks, for pull requests. All
 * that they may do is to take on the roles of the CDK.
 */
export class PipelineStack extends StageStack {
  constructor(scope: Construct, id: string, { stage, repository }: PipelineStackProps) {
    super(scope, id, { stage, description: 'who may deploy' });
    const deploy = this.role('Deploy', stage, `repo:${repository}:environment:${stage.name}`, [
      'deploy',
      'file-publishing',
      'lookup',
    ]);
    const diff = this.role('Diff', stage, `repo:${repository}:pull_request`, ['lookup']);
    new CfnOutput(this, 'DeployRoleArn', {
      description: `The variable AWS_ROLE_ARN of the environment "${stage.name}" on GitHub`,
      value: deploy.roleArn,
    });
    new CfnOutput(this, 'DiffRoleArn', {
      description: 'The variable AWS_DIFF_ROLE_ARN of the repository on GitHub',
      value: diff.roleArn,
    });
  }

  /**
   * @param subject - whom GitHub vouches for
   * @param purposes - the roles of the CDK
   */
  private role(name: string, stage: Stage, subject: string, purposes: readonly string[]): Role {
    const role = new Role(this, `${name}Role`, {
      description: `Stowage ${stage.name}: ${name.toLowerCase()} by the workflow on GitHub`,
      maxSessionDuration: Duration.hours(1),
      assumedBy: new FederatedPrincipal(
        `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/${issuer}`,
        { StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: subject } },
        'sts:AssumeRoleWithWebIdentity',
      ),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['sts:AssumeRole'],
        resources: regionsOf(stage).flatMap((region) =>
          purposes.map(
            (purpose) =>
              `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/cdk-${bootstrapQualifier}-${purpose}-role-${Aws.ACCOUNT_ID}-${region}`,
          ),
        ),
      }),
    );
    return role;
  }
}

function regionsOf({ region = Aws.REGION, edge, replica }: Stage): string[] {
  const regions = [region, ...(edge ? [edgeRegion] : []), ...(replica ? [replica.region] : [])];
  return [...new Set(regions)];
}
