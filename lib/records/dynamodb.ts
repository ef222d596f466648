import * as v from 'valibot';
import type { Outcome } from './database.ts';
import { createExpression, living } from './dynamodb-expression.ts';
import { fromItem, isLiving, type StoredItem, storedItem, toKey } from './dynamodb-item.ts';
import { type DynamoConnection, openDynamoReads } from './dynamodb-read.ts';
import type { DynamoWrites } from './dynamodb-send.ts';
import { toPurge, toWrite } from './dynamodb-write.ts';
import { passedSeconds } from './epoch-seconds.ts';
import { pageOf, stretchOf } from './page.ts';
import type { Change, ListQuery, RecordPage, Records, StoredRecord } from './port.ts';
import { createRecords } from './records.ts';

export interface DynamoRecordsOptions {
  /** A table with the text keys `pk` and `sk`, and its time to live on `expiresAt`. */
  readonly table: string;
  readonly connection: DynamoConnection;
  /** Default: the system clock. */
  readonly now?: () => Date;
}

const itemAnswer = v.object({ Item: v.optional(storedItem) });
const queryAnswer = v.object({
  Items: v.optional(v.array(storedItem), []),
  LastEvaluatedKey: v.optional(storedItem),
});

/**
 * Records in one table of DynamoDB, read strongly consistent. Needs `GetItem`, `Query`, `PutItem`, `UpdateItem` and
 * `DeleteItem` on it. The SDK is loaded by the first write.
 *
 * A write whose answer is lost is tried again. A `put` knows itself by its version and a transaction by its token, which
 * is the version as well, so they answer as if nothing had happened; a conditional `delete` may answer false for what
 * itself has deleted, and an addition by itself may be done twice.
 */
export function createDynamoRecords(options: DynamoRecordsOptions): Records {
  const { table, connection, now = () => new Date() } = options;
  const reads = openDynamoReads(connection);
  let opening: Promise<DynamoWrites> | undefined;
  const writes = () =>
    (opening ??= import('./dynamodb-send.ts').then((module) => module.openWrites(connection)));

  async function find(partition: string, sort: string): Promise<StoredRecord | undefined> {
    const input = { TableName: table, Key: toKey({ partition, sort }), ConsistentRead: true };
    const { Item } = await reads.ask('GetItem', input, itemAnswer);
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
    let start: StoredItem | undefined = behind === undefined ? undefined : toKey({ partition, sort: behind });
    do {
      const { Items, LastEvaluatedKey } = await reads.ask(
        'Query',
        { ...input, ExclusiveStartKey: start, Limit: limit + 1 - found.length },
        queryAnswer,
      );
      found.push(...Items.map(fromItem));
      start = LastEvaluatedKey;
    } while (start && found.length <= limit);
    return pageOf(found, limit);
  }

  async function write(changes: readonly Change[], version: string): Promise<Outcome> {
    const { send } = await writes();
    const context = { table, version, nowSeconds: passedSeconds(now()) };
    for (;;) {
      const sent = await send(
        changes.map((change) => toWrite(change, context)),
        version,
      );
      if (sent.done) return { done: true, ...(sent.item && { counters: fromItem(sent.item).counters }) };

      const { refused } = sent;
      const standing = sent.item && fromItem(sent.item);
      // The answer to an earlier try was lost: what stands in the way is what this write has written.
      if (standing?.version === version) return { done: true, counters: standing.counters };
      if (!standing || isLiving(standing, context.nowSeconds))
        return { done: false, refused, current: standing };
      if (changes[refused]?.action !== 'add') return { done: false, refused };
      await send([toPurge(standing, table)], version);
    }
  }

  return createRecords({
    find,
    page,
    write,
    close: async () => {
      reads.close();
      if (opening) (await opening).close();
    },
  });
}
