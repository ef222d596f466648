import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { ceilingOf } from './change.ts';
import { createExpression, type Expression, living } from './dynamodb-expression.ts';
import { counterAttribute, toItem, toKey } from './dynamodb-item.ts';
import { toEpochSeconds } from './epoch-seconds.ts';
import type { Addition, Change, Condition, StoredRecord } from './port.ts';

/** What every write of one attempt has in common. */
export interface WriteContext {
  readonly table: string;
  /** What the records have afterwards. */
  readonly version: string;
  readonly nowSeconds: number;
}

/** A refusal tells what stands there, without a second request. */
const onRefusal = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/** A change as DynamoDB does it, alone or in a transaction; its condition holds the port's rules, expiry included. */
export function toWrite(change: Change, { table, version, nowSeconds }: WriteContext): TransactWriteItem {
  const expression = createExpression();
  if (change.action === 'add') {
    const UpdateExpression = additionOf(change, version, expression);
    const ConditionExpression = roomFor(change, nowSeconds, expression);
    const common = { TableName: table, ConditionExpression, ...expression.parameters(), ...onRefusal };
    return { Update: { ...common, Key: toKey(change), UpdateExpression } };
  }
  const { condition } = change;
  const common = {
    TableName: table,
    ...(condition !== undefined && {
      ConditionExpression: conditionOf(condition, nowSeconds, expression),
      ...expression.parameters(),
      ...onRefusal,
    }),
  };
  if (change.action === 'delete') return { Delete: { ...common, Key: toKey(change) } };
  return { Put: { ...common, Item: toItem(change, version, { ...change, counters: {} }) } };
}

/** Takes an expired record away, which nobody sees any more, unless it has changed meanwhile. */
export function toPurge(expired: StoredRecord, table: string): TransactWriteItem {
  const expression = createExpression();
  const ConditionExpression = `${expression.name('version')} = ${expression.text(expired.version)}`;
  return {
    Delete: { TableName: table, Key: toKey(expired), ConditionExpression, ...expression.parameters() },
  };
}

function conditionOf(condition: Condition, nowSeconds: number, expression: Expression): string {
  const { name, text, number } = expression;
  if (condition === 'absent') {
    return `attribute_not_exists(${name('pk')}) OR ${name('expiresAt')} <= ${number(nowSeconds)}`;
  }
  const found =
    condition === 'present'
      ? `attribute_exists(${name('pk')})`
      : `${name('version')} = ${text(condition.version)}`;
  return `${found} AND ${living(nowSeconds, expression)}`;
}

function additionOf({ deltas, expiresAt }: Addition, version: string, expression: Expression): string {
  const { name, text, number } = expression;
  const settings = [`${name('version')} = ${text(version)}`];
  if (expiresAt) settings.push(`${name('expiresAt')} = ${number(toEpochSeconds(expiresAt))}`);
  const sums = Object.entries(deltas).map(
    ([counter, delta]) => `${name(counterAttribute(counter))} ${number(delta)}`,
  );
  return `SET ${settings.join(', ')} ADD ${sums.join(', ')}`;
}

/** That no counter goes below zero or is raised above its ceiling. One that is absent stands at zero. */
function roomFor({ deltas, ceilings }: Addition, nowSeconds: number, expression: Expression): string {
  const { name, number } = expression;
  const rooms = Object.entries(deltas).flatMap(([counter, delta]) => {
    if (delta === 0) return [];
    const attribute = name(counterAttribute(counter));
    if (delta < 0) return `${attribute} >= ${number(-delta)}`;
    const highest = ceilingOf(counter, ceilings) - delta;
    const atMost = `${attribute} <= ${number(highest)}`;
    return highest < 0 ? atMost : `(attribute_not_exists(${attribute}) OR ${atMost})`;
  });
  return [living(nowSeconds, expression), ...rooms].join(' AND ');
}
