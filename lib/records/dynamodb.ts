import {
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { Outcome } from './database.ts';
import { createExpression, living } from './dynamodb-expression.ts';
import { fromItem, isLiving, toKey } from './dynamodb-item.ts';
import { send } from './dynamodb-send.ts';
import { toPurge, toWrite } from './dynamodb-write.ts';
import { passedSeconds } from './epoch-seconds.ts';
import { pageOf, stretchOf } from './page.ts';
import type { Change, ListQuery, RecordPage, Records, StoredRecord } from './port.ts';
import { createRecords } from './records.ts';

export interface DynamoRecordsOptions {
  /** A table with the text keys `pk` and `sk`, and its time to live on `expiresAt`. */
  readonly table: string;
  /** Default: what the environment says. */
  readonly connection?: Pick<DynamoDBClientConfig, 'region' | 'endpoint' | 'credentials'>;
  /** Default: the system clock. */
  readonly now?: () => Date;
}

/**
 * Records in one table of DynamoDB, read strongly consistent. Needs `GetItem`, `Query`, `PutItem`, `UpdateItem` and
 * `DeleteItem` on it.
 *
 * A write whose answer is lost is tried again. A `put` knows itself by its version and a transaction by its token, so
 * they answer as if nothing had happened; a conditional `delete` may answer false for what itself has deleted.
 */
export function createDynamoRecords(options: DynamoRecordsOptions): Records {
  const { table, connection, now = () => new Date() } = options;
  const client = new DynamoDBClient({
    maxAttempts: 5,
    requestHandler: { socketTimeout: 5000 },
    ...connection,
  });

  async function find(partition: string, sort: string): Promise<StoredRecord | undefined> {
    const Key = toKey({ partition, sort });
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    const record = Item && fromItem(Item);
    return record && isLiving(record, passedSeconds(now())) ? record : undefined;
  }

  async function page(partition: string, query: ListQuery): Promise<RecordPage> {
    const stretch = stretchOf(query);
    if (!stretch) return { records: [] };
    const { prefix, behind } = stretch;
    const { limit, descending = false } = query;
    const expression = createExpression();
    const { name, text } = expression;
    const conditions = [`${name('pk')} = ${text(partition)}`];
    if (prefix !== '') conditions.push(`begins_with(${name('sk')}, ${text(prefix)})`);
    const input = {
      TableName: table,
      ConsistentRead: true,
      ScanIndexForward: !descending,
      KeyConditionExpression: conditions.join(' AND '),
      FilterExpression: living(passedSeconds(now()), expression),
      ...expression.parameters(),
    };
    const found: StoredRecord[] = [];
    let start = behind === undefined ? undefined : toKey({ partition, sort: behind });
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({ ...input, ExclusiveStartKey: start, Limit: limit + 1 - found.length }),
      );
      found.push(...Items.map(fromItem));
      start = LastEvaluatedKey;
    } while (start && found.length <= limit);
    return pageOf(found, limit);
  }

  async function write(changes: readonly Change[], version: string): Promise<Outcome> {
    const context = { table, version, nowSeconds: passedSeconds(now()) };
    for (;;) {
      const writes = changes.map((change) => toWrite(change, context));
      const sent = await send(client, writes);
      if (sent.done) return { done: true, ...(sent.item && { counters: fromItem(sent.item).counters }) };

      const { refused } = sent;
      const standing = sent.item && fromItem(sent.item);
      // The answer to an earlier try was lost: what stands in the way is what this write has written.
      if (standing?.version === version) return { done: true, counters: standing.counters };
      if (!standing || isLiving(standing, context.nowSeconds))
        return { done: false, refused, current: standing };
      if (changes[refused]?.action !== 'add') return { done: false, refused };
      await send(client, [toPurge(standing, table)]);
    }
  }

  return createRecords({ find, page, write, close: async () => client.destroy() });
}
