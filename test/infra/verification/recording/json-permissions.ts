import { dig, listAt, textsAt } from '../dig.ts';
import type { AwsRequest, NeededPermission } from './aws-request.ts';

/** Where a service is: its requests name resources without that. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

/**
 * The permissions that a service with AWS's JSON protocol asks for: mostly the operation's own name, on what the body
 * names.
 *
 * @throws Error for an operation that is not known here: it is not guessed what it needs
 */
export function jsonPermissions({ headers, body }: AwsRequest, place: Place): NeededPermission[] {
  const target = String(headers['x-amz-target']);
  const input: unknown = JSON.parse(body);
  const [service = '', operation = ''] = target.split('.');
  if (service === 'secretsmanager' && secretOperations.has(operation)) {
    return [{ action: `secretsmanager:${operation}`, resource: String(dig(input, 'SecretId')) }];
  }
  if (service === 'AmazonSQS') return queuePermissions(operation, input, place);
  if (service === 'DynamoDB_20120810') return dynamoPermissions(operation, input, place);
  throw new Error(`Which permission does ${target} need?`);
}

const secretOperations: ReadonlySet<string> = new Set([
  'DescribeSecret',
  'GetSecretValue',
  'PutSecretValue',
  'UpdateSecretVersionStage',
]);

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html */
function queuePermissions(operation: string, input: unknown, { region, account }: Place): NeededPermission[] {
  const name = String(dig(input, 'QueueUrl')).replace(/^.*\//, '');
  const action = operation.replace(/Batch$/, '');
  if (!queueActions.has(action)) throw new Error(`Which permission does ${operation} of SQS need?`);
  return [{ action: `sqs:${action}`, resource: `arn:aws:sqs:${region}:${account}:${name}` }];
}

const queueActions: ReadonlySet<string> = new Set([
  'ChangeMessageVisibility',
  'DeleteMessage',
  'SendMessage',
]);

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
function dynamoPermissions(operation: string, input: unknown, place: Place): NeededPermission[] {
  const onTable = (action: string, request: unknown) => {
    const [table = ''] = textsAt(request, 'TableName');
    const index = textsAt(request, 'IndexName').map((name) => `/index/${name}`);
    return {
      action: `dynamodb:${action}`,
      resource: `arn:aws:dynamodb:${place.region}:${place.account}:table/${table}${index.join('')}`,
    };
  };
  switch (operation) {
    case 'GetItem':
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
    case 'Query':
      return [onTable(operation, input)];
    case 'TransactWriteItems':
      return listAt(input, 'TransactItems').flatMap((item) =>
        Object.entries(Object(item)).map(([kind, request]) =>
          onTable(kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`, request),
        ),
      );
    default:
      throw new Error(`Which permission does ${operation} of DynamoDB need?`);
  }
}
