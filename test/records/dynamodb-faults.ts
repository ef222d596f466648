import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDynamoRecords } from '../../lib/records/dynamodb.ts';
import type { Change, Records } from '../../lib/records/port.ts';
import { type Fate, type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { connectionTo } from '../support/records-table.ts';

/** An error as DynamoDB answers it. */
function error(status: number, name: string, more: object = {}): Fate {
  return { status, body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'spoilt', ...more } };
}

const fault = error(500, 'InternalServerError');
const throttled = error(400, 'ThrottlingException');
const conflict = error(400, 'TransactionConflictException');
const cancelled = error(400, 'TransactionCanceledException', {
  CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
});

/** What the wire to DynamoDB may do to records, with DynamoDB itself at `endpoint`. */
export function describeFaults(endpoint: string, table: string): void {
  describe('records on DynamoDB, behind a faulty wire', () => {
    let proxy: FaultyProxy;
    let records: Records;
    let partition: string;
    beforeAll(async () => {
      proxy = await startFaultyProxy(endpoint);
    });
    beforeEach(() => {
      records = createDynamoRecords({ table, connection: connectionTo(proxy.endpoint) });
      partition = randomUUID();
    });
    afterEach(async () => {
      await records.close();
      expect(proxy.fates).toEqual([]);
    });
    afterAll(() => proxy.stop());

    const reserve = (): readonly Change[] => [
      { action: 'put', partition, sort: 'reservation', value: null, condition: 'absent' },
      { action: 'add', partition, sort: 'quota', deltas: { bytes: 7 }, ceilings: { bytes: 7 } },
    ];

    test('a put whose answer is lost is done once, and knows itself when it is tried again', async () => {
      proxy.fates.push('lose the answer');
      const version = await records.put({ partition, sort: 'key', value: 1 }, 'absent');
      expect(version).toBeTypeOf('string');
      expect((await records.get(partition, 'key'))?.version).toBe(version);
    });

    test('a transaction whose answer is lost is done once', async () => {
      proxy.fates.push('lose the answer', 'lose the answer');
      expect(await records.transact(reserve())).toEqual({ done: true });
      expect((await records.get(partition, 'quota'))?.counters).toEqual({ bytes: 7 });
    });

    test('an addition that filled its counter knows itself when its answer is lost', async () => {
      proxy.fates.push('lose the answer');
      const filling = { partition, sort: 'quota', deltas: { bytes: 7 }, ceilings: { bytes: 7 } };
      expect(await records.add(filling)).toEqual({ added: true, counters: { bytes: 7 } });
    });

    test('of a crowd of reservations each is done or refused, and none is both, however many answers are lost', async () => {
      const crowd = 200;
      const fates = Array.from({ length: crowd }, (_, index): Fate => {
        return index % 10 === 0 ? 'lose the answer' : 'pass';
      });
      proxy.fates.push(...fates);
      const results = await Promise.all(
        Array.from({ length: crowd }, (_, index) =>
          records.transact([
            { action: 'put', partition, sort: `reservation/${index}`, value: null, condition: 'absent' },
            { action: 'add', partition, sort: 'quota', deltas: { bytes: 7 }, ceilings: { bytes: 7 * 120 } },
          ]),
        ),
      );
      const done = results.flatMap((result, index) => (result.done ? [`reservation/${index}`] : []));
      const { records: standing } = await records.list(partition, { prefix: 'reservation/', limit: crowd });
      expect(standing.map(({ sort }) => sort)).toEqual(done.sort());
      expect(done).toHaveLength(120);
      expect((await records.get(partition, 'quota'))?.counters).toEqual({ bytes: 7 * 120 });
    });

    test('a transaction whose first try is still under way is waited for', async () => {
      proxy.fates.push('lose the answer', error(400, 'TransactionInProgressException'));
      expect(await records.transact(reserve())).toEqual({ done: true });
      expect((await records.get(partition, 'quota'))?.counters).toEqual({ bytes: 7 });
    });

    test('a write that always fails is given up after five tries', async () => {
      const before = proxy.count();
      proxy.fates.push(...Array.from({ length: 5 }, () => fault));
      await expect(records.transact(reserve())).rejects.toMatchObject({ code: 'records_unavailable' });
      expect(proxy.count() - before).toBe(5);
    });

    test.each<readonly [string, readonly Fate[]]>([
      ['faults of DynamoDB', [fault, fault]],
      ['a throttled request', [throttled]],
      ['conflicts with other transactions', [cancelled, cancelled, cancelled]],
    ])('after %s a transaction is tried again', async (_, fates) => {
      proxy.fates.push(...fates);
      expect(await records.transact(reserve())).toEqual({ done: true });
    });

    test('after a conflict with a transaction a single write is tried again', async () => {
      proxy.fates.push(conflict, conflict);
      expect(await records.add({ partition, sort: 'quota', deltas: { bytes: 7 } })).toMatchObject({
        added: true,
      });
    });

    test('what does not pass is told as records_unavailable, after a few tries', async () => {
      const before = proxy.count();
      proxy.fates.push(...Array.from({ length: 5 }, () => fault));
      await expect(records.get(partition, 'key')).rejects.toMatchObject({ code: 'records_unavailable' });
      expect(proxy.count() - before).toBe(5);
    });

    test('a refusal for another reason is not tried again', async () => {
      const before = proxy.count();
      proxy.fates.push(error(400, 'AccessDeniedException'));
      await expect(records.get(partition, 'key')).rejects.toMatchObject({ code: 'records_unavailable' });
      expect(proxy.count() - before).toBe(1);
    });
  });
}
