import type { Template } from './templates.ts';

const region = 'eu-west-1';
const account = '111122223333';

const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::Region': region,
  'AWS::AccountId': account,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * What CloudFormation would make of the intrinsic functions in a value, in a made-up account. A name that AWS would
 * choose is the logical id without its hash, so that expectations can be read.
 *
 * @param templates - the one that the value is from, and those whose exports it imports
 * @throws for a function that is not known here, rather than leaving it to be compared unresolved
 */
export function resolve<T>(value: T, templates: readonly Template[]): T {
  // From the inside out: the arguments of a function are resolved before it is.
  return JSON.parse(JSON.stringify(value), (_, item: unknown) => {
    if (typeof item !== 'object' || item === null) return item;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(item);
    if (others.length > 0 || (name !== 'Ref' && !name.startsWith('Fn::'))) return item;
    return evaluate(name, argument, templates);
  });
}

function evaluate(name: string, argument: unknown, templates: readonly Template[]): unknown {
  if (name === 'Ref' && typeof argument === 'string') {
    return pseudoParameters[argument] ?? reference(argument, templates);
  }
  if (name === 'Fn::ImportValue') return resolve(exported(argument, templates), templates);
  if (Array.isArray(argument)) {
    const [first, second] = argument;
    if (name === 'Fn::Join') return second.join(first);
    if (name === 'Fn::GetAtt' && second === 'GroupId') return withoutHash(first);
    if (name === 'Fn::GetAtt' && /^(?:BackupVault)?Arn$/.test(second)) return arn(first, templates);
  }
  throw new Error(`${name} of ${JSON.stringify(argument)} is not known here.`);
}

function exported(name: unknown, templates: readonly Template[]): unknown {
  const outputs = templates.flatMap((template) => Object.values(template.Outputs ?? {}));
  const output = outputs.find((candidate) => candidate.Export?.Name === name);
  if (!output) throw new Error(`Nothing exports ${String(name)}.`);
  return output.Value;
}

function reference(id: string, templates: readonly Template[]): string {
  switch (typeOf(id, templates)) {
    case 'AWS::SecretsManager::Secret':
      return arn(id, templates);
    case 'AWS::SQS::Queue':
      return `https://sqs.${region}.amazonaws.com/${account}/${withoutHash(id)}`;
    default:
      return withoutHash(id);
  }
}

function arn(id: string, templates: readonly Template[]): string {
  const name = withoutHash(id);
  switch (typeOf(id, templates)) {
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${name}`;
    case 'AWS::DynamoDB::GlobalTable':
      return `arn:aws:dynamodb:${region}:${account}:table/${name}`;
    case 'AWS::KMS::Key':
      return `arn:aws:kms:${region}:${account}:key/${name}`;
    case 'AWS::SecretsManager::Secret':
      return `arn:aws:secretsmanager:${region}:${account}:secret:${name}`;
    case 'AWS::Backup::BackupVault':
      return `arn:aws:backup:${region}:${account}:backup-vault:${name}`;
    case 'AWS::Events::Rule':
      return `arn:aws:events:${region}:${account}:rule/${name}`;
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${account}:role/${name}`;
    case 'AWS::Lambda::Function':
      return `arn:aws:lambda:${region}:${account}:function:${name}`;
    case 'AWS::SQS::Queue':
      return `arn:aws:sqs:${region}:${account}:${name}`;
    case 'AWS::Logs::LogGroup':
      return `arn:aws:logs:${region}:${account}:log-group:${name}:*`;
    default:
      throw new Error(`The ARN of ${id} is not known here.`);
  }
}

function typeOf(id: string, templates: readonly Template[]): string | undefined {
  return templates.map((template) => template.Resources[id]?.Type).find((type) => type !== undefined);
}

function withoutHash(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}
