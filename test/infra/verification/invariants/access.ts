import { resourcesOf } from '../cloud.ts';
import { dig, everyText, listAt, textsAt } from '../dig.ts';
import { placeOf } from '../finding.ts';
import { each, type Invariant } from './invariant.ts';

const withIdentityPolicy = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role'];

/** That policies say what they mean, one action and one resource at a time. */
export const accessInvariants: Readonly<Record<string, Invariant>> = {
  'no policy allows actions by a wildcard': each(
    () => true,
    (properties, { resource }) => {
      const wild = statementsOf(properties)
        .filter((statement) => dig(statement, 'Effect') === 'Allow')
        .filter((statement) => !(resource.Type === 'AWS::KMS::Key' && isAccountItself(statement)))
        .flatMap((statement) =>
          dig(statement, 'NotAction') === undefined
            ? textsAt(statement, 'Action').filter((action) => action.includes('*'))
            : ['NotAction'],
        );
      return wild.length > 0 ? `allows ${wild.join(', ')}` : undefined;
    },
  ),

  'no role is allowed every resource': each(withIdentityPolicy, (properties) => {
    const wide = statementsOf(properties)
      .filter(
        (statement) => dig(statement, 'Effect') === 'Allow' && dig(statement, 'Principal') === undefined,
      )
      .filter(
        (statement) =>
          dig(statement, 'NotResource') !== undefined ||
          textsAt(statement, 'Resource').some((arn) => isWide(arn)),
      )
      .flatMap((statement) => textsAt(statement, 'Action'));
    return wide.map((action) => `allows ${action} on resources that are not its own`);
  }),

  'no policy is attached that AWS may widen': each(
    ['AWS::IAM::Role', 'AWS::IAM::Group', 'AWS::IAM::User'],
    (properties) => {
      const managed = textsAt(properties, 'ManagedPolicyArns').filter((arn) => arn.includes(':iam::aws:'));
      return managed.length > 0 ? `has ${managed.join(', ')}` : undefined;
    },
  ),

  'nobody is trusted without a name': each(['AWS::IAM::Role'], (properties) => {
    const open = listAt(properties, 'AssumeRolePolicyDocument', 'Statement').filter((statement) =>
      everyText(dig(statement, 'Principal')).some((name) => name.includes('*')),
    );
    return open.length > 0 ? 'can be taken on by anybody' : undefined;
  }),

  'a token from outside counts for one audience and one subject': each(['AWS::IAM::Role'], (properties) => {
    const open = listAt(properties, 'AssumeRolePolicyDocument', 'Statement')
      .filter((statement) => dig(statement, 'Principal', 'Federated') !== undefined)
      .filter((statement) => {
        const exact = Object.entries(Object(dig(statement, 'Condition', 'StringEquals')));
        return !['aud', 'sub'].every((claim) =>
          exact.some(([name, value]) => name.endsWith(`:${claim}`) && !String(value).includes('*')),
        );
      });
    return open.length > 0 ? 'takes tokens that were made for others' : undefined;
  }),

  'a service is let in only on behalf of this account': each(
    (type) => type !== 'AWS::IAM::Role',
    (properties, { resource }) => {
      if (resource.Type === 'AWS::Lambda::Permission') {
        return properties['SourceArn'] === undefined && properties['SourceAccount'] === undefined
          ? 'lets in the service on behalf of everybody'
          : undefined;
      }
      const open = statementsOf(properties)
        .filter((statement) => dig(statement, 'Effect') === 'Allow')
        .filter((statement) => dig(statement, 'Principal', 'Service') !== undefined)
        .filter(
          (statement) =>
            !/aws:Source(?:Arn|Account|OrgID)|kms:(?:ViaService|CallerAccount)/i.test(
              JSON.stringify(dig(statement, 'Condition') ?? {}),
            ),
        );
      return open.length > 0 ? 'lets in a service on behalf of everybody' : undefined;
    },
  ),

  'there are no users, with keys that never end': (cloud) =>
    resourcesOf(cloud, 'AWS::IAM::User', 'AWS::IAM::AccessKey').map((placed) => ({
      at: placeOf(placed),
      message: 'is a long-lived credential',
    })),
};

function statementsOf(properties: Record<string, unknown>): unknown[] {
  return [
    ...listAt(properties, 'PolicyDocument', 'Statement'),
    ...listAt(properties, 'KeyPolicy', 'Statement'),
    ...listAt(properties, 'ResourcePolicy', 'Statement'),
    ...listAt(properties, 'AccessPolicy', 'Statement'),
    ...listAt(properties, 'Policies').flatMap((inline) => listAt(inline, 'PolicyDocument', 'Statement')),
  ];
}

/** More than the objects of one bucket, the streams of one log group, or the backups of one table. */
function isWide(arn: string): boolean {
  const within = /(?:(?<=^arn:aws:s3:::[^*]+)\/|(?<=:log-group:[^*]+):|(?<=:table\/[^*]+)\/backup\/)\*$/;
  return arn.replace(within, '').includes('*');
}

/** The statement that leaves a key to IAM: without it nobody could ever change the key's policy again. */
function isAccountItself(statement: unknown): boolean {
  return /^arn:aws:iam::\d{12}:root$/.test(String(dig(statement, 'Principal', 'AWS')));
}
