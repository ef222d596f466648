import { setTimeout as delay } from 'node:timers/promises';
import {
  type CancellationReason,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './dynamodb-item.ts';
import type { DynamoConnection } from './dynamodb-read.ts';

export interface DynamoWrites {
  /**
   * Sends writes: a single one as itself, which costs half, and several as a transaction. The SDK tries again after
   * throttling, faults and lost answers, but not after a cancelled transaction; that is done here, with full jitter.
   */
  readonly send: (writes: readonly TransactWriteItem[]) => Promise<Sent>;
  readonly close: () => void;
}

export function openWrites({ region, credentials, endpoint }: DynamoConnection): DynamoWrites {
  const client = new DynamoDBClient({
    region,
    credentials,
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: 5,
    requestHandler: { socketTimeout: 5000 },
  });
  return { send: (writes) => send(client, writes), close: () => client.destroy() };
}

export type Sent =
  /** After a single update: with the item that it has made. */
  | { readonly done: true; readonly item?: Item | undefined }
  /** Nothing was done: the condition of a write, by its index, does not hold for the item that stands there. */
  | { readonly done: false; readonly refused: number; readonly item?: Item | undefined };

/** Why DynamoDB cancels writes that it does a moment later: others of the same items are under way, or too many. */
const passingReasons = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];
const maxTries = 12;
const maxDelayMilliseconds = 1000;

async function send(client: DynamoDBClient, writes: readonly TransactWriteItem[]): Promise<Sent> {
  for (let tries = 1; ; tries += 1) {
    try {
      return { done: true, item: await sendOnce(client, writes) };
    } catch (error) {
      const reasons = reasonsOf(error);
      const refused = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
      if (refused >= 0) return { done: false, refused, item: reasons[refused]?.Item };
      const passes = reasons.some(({ Code = '' }) => passingReasons.includes(Code));
      if (!passes || tries === maxTries) throw error;
    }
    await delay(Math.random() * Math.min(maxDelayMilliseconds, 10 * 2 ** tries));
  }
}

async function sendOnce(
  client: DynamoDBClient,
  writes: readonly TransactWriteItem[],
): Promise<Item | undefined> {
  const [{ Put, Update, Delete } = {}, ...others] = writes;
  if (others.length > 0) await client.send(new TransactWriteItemsCommand({ TransactItems: [...writes] }));
  else if (Put) await client.send(new PutItemCommand(Put));
  else if (Delete) await client.send(new DeleteItemCommand(Delete));
  else if (Update) {
    const { Attributes } = await client.send(new UpdateItemCommand({ ...Update, ReturnValues: 'ALL_NEW' }));
    return Attributes;
  }
  return undefined;
}

function reasonsOf(error: unknown): readonly CancellationReason[] {
  if (error instanceof TransactionCanceledException) return error.CancellationReasons ?? [];
  if (error instanceof ConditionalCheckFailedException) {
    return [{ Code: 'ConditionalCheckFailed', Item: error.Item }];
  }
  if (error instanceof TransactionConflictException) return [{ Code: 'TransactionConflict' }];
  return [];
}
