import type { Placed } from './cloud.ts';
import { arnPattern, primaryIdentifier } from './service-spec.ts';

/**
 * The names and ARNs that resources would get. Where AWS draws a name, one is made up here that every
 * service takes.
 */

/** Types whose ARN the specification leaves out, or gives in another form than IAM and `Fn::GetAtt` have it. */
const arnPatterns: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': 'arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}',
  'AWS::Lambda::Version': 'arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}:1',
  'AWS::Lambda::Alias': 'arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}:${Name}',
  'AWS::SecretsManager::Secret': 'arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${Name}',
  'AWS::CloudFront::Distribution': 'arn:${Partition}:cloudfront::${Account}:distribution/${Id}',
  'AWS::Events::Rule': 'arn:${Partition}:events:${Region}:${Account}:rule/${Name}',
  'AWS::IAM::Role': 'arn:${Partition}:iam::${Account}:role/${RoleName}',
  'AWS::IAM::ManagedPolicy': 'arn:${Partition}:iam::${Account}:policy/${ManagedPolicyName}',
};

/** What `Ref` gives is the ARN, though the primary identifier has another name. */
const refIsArn: ReadonlySet<string> = new Set([
  'AWS::SecretsManager::Secret',
  'AWS::Lambda::Version',
  'AWS::SNS::Topic',
]);

export type ResolveProperty = (name: string) => unknown;

/** What `Ref` gives. */
export function referenceTo(placed: Placed, property: ResolveProperty): string {
  const { Type } = placed.resource;
  const [identifier = ''] = primaryIdentifier(Type);
  if (refIsArn.has(Type) || identifier.endsWith('Arn')) return arnOf(placed, property);
  if (identifier === 'QueueUrl') {
    const { region, account } = placed.stack;
    return `https://sqs.${region}.amazonaws.com/${account}/${nameOf(placed, property)}`;
  }
  return nameOf(placed, property);
}

/** What `Fn::GetAtt` gives. An attribute that is no name and no ARN stays recognizable: `<id.Attribute>`. */
export function attributeOf(placed: Placed, attribute: string, property: ResolveProperty): string {
  const { Type } = placed.resource;
  const [, , kind = ''] = Type.split('::');
  if (attribute === 'Arn' && Type === 'AWS::Logs::LogGroup') return `${arnOf(placed, property)}:*`;
  const isArn = ['Arn', `${kind}Arn`, 'TopicArn', 'FunctionArn'].includes(attribute);
  if (isArn && patternOf(Type) !== undefined) return arnOf(placed, property);
  if (attribute === 'StreamArn') return `${arnOf(placed, property)}/stream/1`;
  if (attribute === `${kind}Name`) return nameOf(placed, property);
  return `<${placed.id}.${attribute}>`;
}

/** @throws Error for a type whose ARNs are not known */
export function arnOf(placed: Placed, property: ResolveProperty): string {
  const { Type } = placed.resource;
  const pattern = patternOf(Type);
  if (pattern === undefined) throw new Error(`The ARN of a ${Type} (${placed.id}) is not known here.`);
  const given: Readonly<Record<string, string>> = {
    Partition: 'aws',
    Region: placed.stack.region,
    Account: placed.stack.account,
  };
  return pattern.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = given[name] ?? property(name);
    if (typeof value !== 'string') return nameOf(placed, property);
    // A function's name may be given as its ARN.
    return name === 'FunctionName' ? value.replace(/^arn:.*:function:/, '') : value;
  });
}

function patternOf(type: string): string | undefined {
  return arnPatterns[type] ?? arnPattern(type);
}

function nameOf(placed: Placed, property: ResolveProperty): string {
  const { resource } = placed;
  const [, , kind = ''] = resource.Type.split('::');
  const given = [`${kind}Name`, 'Name', ...primaryIdentifier(resource.Type)]
    .map((name) => property(name))
    .find((value) => typeof value === 'string');
  return given ?? drawnName(placed);
}

/** What AWS would draw: the logical id, and the stack, since ids are alike in stacks that are. */
export function drawnName({ id, stack }: Pick<Placed, 'id' | 'stack'>): string {
  return `${id}-${stack.name.replace(/^.*-/, '')}`.toLowerCase();
}
