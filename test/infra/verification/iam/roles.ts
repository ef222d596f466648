import { type Placed, resourcesOf } from '../cloud.ts';
import { dig, everyText, listAt, textsAt } from '../dig.ts';
import { oncePerCloud } from '../once-per-cloud.ts';
import { propertiesOf } from '../resolve.ts';
import { ownArn } from './resource-policies.ts';

/** A role of the cloud, with all that it is allowed and everything that works in its name. */
export interface DeployedRole {
  readonly placed: Placed;
  readonly arn: string;
  readonly statements: readonly unknown[];
  readonly trust: readonly unknown[];
  readonly users: readonly Placed[];
}

/** Resources that speak of a role without working in its name. */
const speakOfRoles: ReadonlySet<string> = new Set([
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::KMS::Key',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SNS::TopicPolicy',
]);

export const rolesOf = oncePerCloud((cloud): readonly DeployedRole[] => {
  const policies = resourcesOf(cloud, 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy').map((placed) =>
    propertiesOf(placed, cloud),
  );
  const others = resourcesOf(cloud)
    .filter(({ resource }) => !speakOfRoles.has(resource.Type))
    .map((placed) => ({ placed, texts: everyText(propertiesOf(placed, cloud)) }));

  return resourcesOf(cloud, 'AWS::IAM::Role').map((placed) => {
    const properties = propertiesOf(placed, cloud);
    const arn = ownArn(placed, cloud);
    const name = arn.replace(/^.*\//, '');
    return {
      placed,
      arn,
      statements: [
        ...listAt(properties, 'Policies').flatMap((inline) => listAt(inline, 'PolicyDocument', 'Statement')),
        ...policies
          .filter((attached) => textsAt(attached, 'Roles').includes(name))
          .flatMap((attached) => listAt(attached, 'PolicyDocument', 'Statement')),
      ],
      trust: listAt(properties, 'AssumeRolePolicyDocument', 'Statement'),
      users: others.filter(({ texts }) => texts.includes(arn)).map((other) => other.placed),
    };
  });
});

/** Whether a role is for a workflow outside of AWS, which shows a token of its own. */
export function isForDeploying({ trust }: DeployedRole): boolean {
  return trust.some((statement) => dig(statement, 'Principal', 'Federated') !== undefined);
}
