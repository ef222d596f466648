import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Content } from './change.ts';
import { fromEpochSeconds, toEpochSeconds } from './epoch-seconds.ts';
import type { RecordKey, StoredRecord } from './port.ts';

/**
 * A record as an item of DynamoDB: partition `pk` and sort key `sk` (both texts), `version`, `value` as JSON text,
 * because DynamoDB's own numbers, depths and names are not quite JSON's, `expiresAt` for its time to live, and a number
 * `counter.NAME` for each counter.
 */
export type Item = Record<string, AttributeValue>;

/** An item as DynamoDB sends it back. */
export const storedItem = v.record(
  v.string(),
  v.object({ S: v.optional(v.string()), N: v.optional(v.string()) }),
);

export type StoredItem = v.InferOutput<typeof storedItem>;

type Attribute = StoredItem[string];

export function toKey({ partition, sort }: RecordKey): Item {
  return { pk: { S: partition }, sk: { S: sort } };
}

export function toItem(key: RecordKey, version: string, { value, counters, expiresAt }: Content): Item {
  return {
    ...toKey(key),
    version: { S: version },
    value: { S: JSON.stringify(value) },
    ...(expiresAt && { expiresAt: { N: String(toEpochSeconds(expiresAt)) } }),
    ...Object.fromEntries(
      Object.entries(counters).map(([name, count]) => [counterAttribute(name), { N: String(count) }]),
    ),
  };
}

/** @throws TypeError when the item is none of ours */
export function fromItem(item: StoredItem): StoredRecord {
  const counters = Object.entries(item)
    .filter(([name]) => name.startsWith(counterPrefix))
    .map(([name, attribute]) => [name.slice(counterPrefix.length), number(attribute)]);
  return {
    partition: text(item['pk']),
    sort: text(item['sk']),
    version: text(item['version']),
    // An addition that makes the record gives it no value.
    value: item['value'] ? JSON.parse(text(item['value'])) : null,
    counters: Object.fromEntries(counters),
    ...(item['expiresAt'] && { expiresAt: fromEpochSeconds(number(item['expiresAt'])) }),
  };
}

/** DynamoDB takes expired items away within days; until then they are to be overlooked. */
export function isLiving({ expiresAt }: StoredRecord, nowSeconds: number): boolean {
  return expiresAt === undefined || toEpochSeconds(expiresAt) > nowSeconds;
}

const counterPrefix = 'counter.';

export function counterAttribute(name: string): string {
  return `${counterPrefix}${name}`;
}

function text(attribute: Attribute | undefined): string {
  if (attribute?.S !== undefined) return attribute.S;
  throw new TypeError('An item holds no text where records have one.');
}

function number(attribute: Attribute | undefined): number {
  if (attribute?.N !== undefined) return Number(attribute.N);
  throw new TypeError('An item holds no number where records have one.');
}
