import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { dig, listAt, textsAt } from '../dig.ts';
import { arnOf } from '../names.ts';
import { oncePerCloud } from '../once-per-cloud.ts';
import { propertiesOf } from '../resolve.ts';

/** The statements that the cloud's resources carry themselves, each list by the ARN of its resource. */
export const resourceStatements = oncePerCloud((cloud): ReadonlyMap<string, readonly unknown[]> => {
  const statements = new Map<string, unknown[]>();
  const add = (arn: string, ...more: unknown[]) =>
    statements.set(arn, [...(statements.get(arn) ?? []), ...more]);

  for (const placed of resourcesOf(cloud)) {
    const properties = propertiesOf(placed, cloud);
    const documented = listAt(properties, 'PolicyDocument', 'Statement');
    switch (placed.resource.Type) {
      case 'AWS::S3::BucketPolicy':
        for (const bucket of textsAt(properties, 'Bucket')) add(`arn:aws:s3:::${bucket}`, ...documented);
        break;
      case 'AWS::SQS::QueuePolicy':
        for (const url of textsAt(properties, 'Queues')) add(queueArn(url), ...documented);
        break;
      case 'AWS::SNS::TopicPolicy':
        for (const arn of textsAt(properties, 'Topics')) add(arn, ...documented);
        break;
      case 'AWS::KMS::Key':
        add(ownArn(placed, cloud), ...listAt(properties, 'KeyPolicy', 'Statement'));
        break;
      case 'AWS::SecretsManager::ResourcePolicy':
        for (const arn of textsAt(properties, 'SecretId')) {
          add(arn, ...listAt(properties, 'ResourcePolicy', 'Statement'));
        }
        break;
      case 'AWS::Lambda::Permission':
        for (const name of textsAt(properties, 'FunctionName')) {
          add(functionArn(name, placed), invocationStatement(properties));
        }
        break;
    }
  }
  return statements;
});

/** The ARN of a resource of the cloud. */
export function ownArn(placed: Placed, cloud: Cloud): string {
  const properties = propertiesOf(placed, cloud);
  return arnOf(placed, (name) => properties[name]);
}

/** `https://sqs.eu-west-1.amazonaws.com/111122223333/events` → its ARN */
export function queueArn(url: string): string {
  const [, region = '', account = '', name = ''] =
    /^https:\/\/sqs\.([\w-]+)\.amazonaws\.com\/(\d+)\/(.+)$/.exec(url) ?? [];
  return `arn:aws:sqs:${region}:${account}:${name}`;
}

function functionArn(name: string, { stack }: Placed): string {
  return name.startsWith('arn:') ? name : `arn:aws:lambda:${stack.region}:${stack.account}:function:${name}`;
}

/** What Lambda makes of a permission. */
function invocationStatement(properties: Record<string, unknown>): unknown {
  const [arn] = textsAt(properties, 'SourceArn');
  const [account] = textsAt(properties, 'SourceAccount');
  const [principal = ''] = textsAt(properties, 'Principal');
  return {
    Effect: 'Allow',
    Action: dig(properties, 'Action'),
    Resource: '*',
    Principal: principal.endsWith('.amazonaws.com')
      ? { Service: principal }
      : principal === '*'
        ? '*'
        : { AWS: principal },
    Condition: {
      ...(arn !== undefined && { ArnLike: { 'AWS:SourceArn': arn } }),
      ...(account !== undefined && { StringEquals: { 'AWS:SourceAccount': account } }),
    },
  };
}
