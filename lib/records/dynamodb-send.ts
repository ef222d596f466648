import { setTimeout as delay } from 'node:timers/promises';
import {
  type CancellationReason,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  DynamoDBServiceException,
  PutItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './dynamodb-item.ts';
import { defaultTimeoutSeconds, type DynamoConnection } from './dynamodb-read.ts';

export interface DynamoWrites {
  /**
   * Sends writes: a single one as itself, which costs half, and several as a transaction. What may pass is tried again
   * here, with full jitter: of the SDK's own tries a crowd gets too few, and a cancelled transaction gets none.
   *
   * All tries of a transaction carry its token, so that DynamoDB does it once, whichever of them it hears of and whatever
   * becomes of the answers.
   *
   * @param token - of these writes alone
   */
  readonly send: (writes: readonly TransactWriteItem[], token: string) => Promise<Sent>;
  readonly close: () => void;
}

export function openWrites({
  region,
  credentials,
  endpoint,
  timeoutSeconds = defaultTimeoutSeconds,
}: DynamoConnection): DynamoWrites {
  const client = new DynamoDBClient({
    region,
    credentials,
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: 1,
    requestHandler: { socketTimeout: timeoutSeconds * 1000 },
  });
  return { send: (writes, token) => send(client, writes, token), close: () => client.destroy() };
}

export type Sent =
  /** After a single update: with the item that it has made. */
  | { readonly done: true; readonly item?: Item | undefined }
  /** Nothing was done: the condition of a write, by its index, does not hold for the item that stands there. */
  | { readonly done: false; readonly refused: number; readonly item?: Item | undefined };

/** Why DynamoDB cancels writes that it does a moment later: others of the same items are under way, or too many. */
const busyReasons = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];
const busyErrors =
  /^(TransactionInProgress|Throttling|ProvisionedThroughputExceeded|RequestLimitExceeded)(Exception)?$/;
const maxBusyTries = 12;
/** Each of these may have taken the whole timeout. */
const maxFaultyTries = 5;
const maxDelayMilliseconds = 1000;

async function send(
  client: DynamoDBClient,
  writes: readonly TransactWriteItem[],
  token: string,
): Promise<Sent> {
  const tries = { busy: 0, faulty: 0 };
  for (;;) {
    try {
      return { done: true, item: await sendOnce(client, writes, token) };
    } catch (error) {
      const reasons = reasonsOf(error);
      const refused = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
      if (refused >= 0) return { done: false, refused, item: reasons[refused]?.Item };
      if (isBusy(error, reasons)) tries.busy += 1;
      else if (isFault(error)) tries.faulty += 1;
      else throw error;
      if (tries.busy >= maxBusyTries || tries.faulty >= maxFaultyTries) throw error;
    }
    await delay(Math.random() * Math.min(maxDelayMilliseconds, 10 * 2 ** (tries.busy + tries.faulty)));
  }
}

function isBusy(error: unknown, reasons: readonly CancellationReason[]): boolean {
  return (
    reasons.some(({ Code = '' }) => busyReasons.includes(Code)) ||
    (error instanceof Error && busyErrors.test(error.name))
  );
}

/** The wire broke, the answer did not come in time, or DynamoDB itself failed: nobody knows what was done. */
function isFault(error: unknown): boolean {
  return !(error instanceof DynamoDBServiceException) || (error.$metadata.httpStatusCode ?? 500) >= 500;
}

async function sendOnce(
  client: DynamoDBClient,
  writes: readonly TransactWriteItem[],
  token: string,
): Promise<Item | undefined> {
  const [{ Put, Update, Delete } = {}, ...others] = writes;
  if (others.length > 0) {
    await client.send(
      new TransactWriteItemsCommand({ TransactItems: [...writes], ClientRequestToken: token }),
    );
  } else if (Put) await client.send(new PutItemCommand(Put));
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
