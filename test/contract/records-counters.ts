import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Change } from '../../lib/records/port.ts';
import { inSeconds, pass, type RecordsUnderTest } from './records-under-test.ts';

export function describeCounters(underTest: RecordsUnderTest): void {
  const { records } = underTest;

  test('an addition makes the record, then changes the counters that it names', async () => {
    const key = { partition: randomUUID(), sort: 'usage' };
    expect(await records.add({ ...key, deltas: { bytes: 70, objects: 1 } })).toEqual({
      added: true,
      counters: { bytes: 70, objects: 1 },
    });
    expect(await records.add({ ...key, deltas: { bytes: -30, uploads: 2 } })).toEqual({
      added: true,
      counters: { bytes: 40, objects: 1, uploads: 2 },
    });
    expect(await records.get(key.partition, key.sort)).toMatchObject({
      value: null,
      counters: { bytes: 40, objects: 1, uploads: 2 },
    });
  });

  test('an addition leaves value and expiry as they are, unless it names an expiry', async () => {
    const key = { partition: randomUUID(), sort: 'key' };
    const expiresAt = inSeconds(underTest, 60);
    const later = inSeconds(underTest, 120);
    await records.put({ ...key, value: { url: 'https://example.com' }, expiresAt });
    await records.add({ ...key, deltas: { failures: 1 } });
    expect(await records.get(key.partition, key.sort)).toMatchObject({
      value: { url: 'https://example.com' },
      expiresAt: new Date(Math.ceil(expiresAt.getTime() / 1000) * 1000),
    });
    await records.add({ ...key, deltas: { failures: 1 }, expiresAt: later });
    expect(await records.get(key.partition, key.sort)).toMatchObject({
      counters: { failures: 2 },
      expiresAt: new Date(Math.ceil(later.getTime() / 1000) * 1000),
    });
  });

  test('what would pass a ceiling is refused whole, with the counters as they stand', async () => {
    const key = { partition: randomUUID(), sort: 'quota' };
    const ceilings = { bytes: 100, objects: 10 };
    expect(await records.add({ ...key, deltas: { bytes: 101 }, ceilings })).toEqual({
      added: false,
      counters: {},
    });
    await records.add({ ...key, deltas: { bytes: 90, objects: 1 }, ceilings });
    expect(await records.add({ ...key, deltas: { objects: 1, bytes: 11 }, ceilings })).toEqual({
      added: false,
      counters: { bytes: 90, objects: 1 },
    });
    expect(await records.add({ ...key, deltas: { objects: 1, bytes: 10 }, ceilings })).toEqual({
      added: true,
      counters: { bytes: 100, objects: 2 },
    });
  });

  test('above a ceiling that was lowered, a counter can still go down or stay', async () => {
    const key = { partition: randomUUID(), sort: 'quota' };
    await records.add({ ...key, deltas: { bytes: 100 } });
    const ceilings = { bytes: 10 };
    expect(await records.add({ ...key, deltas: { bytes: 1 }, ceilings })).toMatchObject({ added: false });
    expect(await records.add({ ...key, deltas: { bytes: 0 }, ceilings })).toMatchObject({ added: true });
    expect(await records.add({ ...key, deltas: { bytes: -1 }, ceilings })).toMatchObject({
      counters: { bytes: 99 },
    });
  });

  test('no counter goes below zero, nor where numbers are no longer exact', async () => {
    const key = { partition: randomUUID(), sort: 'key' };
    expect(await records.add({ ...key, deltas: { a: 1, b: -1 } })).toEqual({ added: false, counters: {} });
    await records.add({ ...key, deltas: { a: 5 } });
    expect(await records.add({ ...key, deltas: { a: -6 } })).toEqual({ added: false, counters: { a: 5 } });
    expect(await records.add({ ...key, deltas: { a: Number.MAX_SAFE_INTEGER } })).toMatchObject({
      added: false,
    });
    expect(await records.add({ ...key, deltas: { a: Number.MAX_SAFE_INTEGER - 5 } })).toEqual({
      added: true,
      counters: { a: Number.MAX_SAFE_INTEGER },
    });
  });

  test('an expired record counts from zero, and its value is gone', async () => {
    const key = { partition: randomUUID(), sort: 'window' };
    await records.put({ ...key, value: 'old', expiresAt: inSeconds(underTest, 1) });
    await records.add({ ...key, deltas: { requests: 7, refused: 1 } });
    pass(underTest, 2);
    const ceilings = { requests: 5 };
    expect(await records.add({ ...key, deltas: { requests: 6 }, ceilings })).toEqual({
      added: false,
      counters: {},
    });
    expect(await records.add({ ...key, deltas: { requests: 5 }, ceilings })).toEqual({
      added: true,
      counters: { requests: 5 },
    });
    const record = await records.get(key.partition, key.sort);
    expect(record).toMatchObject({ value: null, counters: { requests: 5 } });
    expect(record).not.toHaveProperty('expiresAt');
  });
}

export function describeTransactions(underTest: RecordsUnderTest): void {
  const { records } = underTest;

  test('all changes are done at once', async () => {
    const partition = randomUUID();
    await records.put({ partition, sort: 'old', value: 1 });
    const changes: readonly Change[] = [
      { action: 'delete', partition, sort: 'old', condition: 'present' },
      { action: 'put', partition, sort: 'new', value: 2, condition: 'absent' },
      { action: 'add', partition, sort: 'sum', deltas: { bytes: 3 }, ceilings: { bytes: 3 } },
    ];
    expect(await records.transact(changes)).toEqual({ done: true });
    const { records: all } = await records.list(partition, { limit: 10 });
    expect(all.map(({ sort, value, counters }) => [sort, value, counters])).toEqual([
      ['new', 2, {}],
      ['sum', null, { bytes: 3 }],
    ]);
  });

  test('a single refusal undoes all, and tells which it was and what stood there', async () => {
    const partition = randomUUID();
    await records.add({ partition, sort: 'quota', deltas: { bytes: 9 } });
    const changes: readonly Change[] = [
      { action: 'put', partition, sort: 'reservation', value: { bytes: 2 }, condition: 'absent' },
      { action: 'add', partition, sort: 'quota', deltas: { bytes: 2 }, ceilings: { bytes: 10 } },
    ];
    expect(await records.transact(changes)).toMatchObject({
      done: false,
      refused: 1,
      current: { sort: 'quota', counters: { bytes: 9 } },
    });
    expect(await records.get(partition, 'reservation')).toBeUndefined();
    await records.put({ partition, sort: 'reservation', value: { bytes: 1 } });
    expect(await records.transact(changes)).toMatchObject({
      done: false,
      refused: 0,
      current: { value: { bytes: 1 } },
    });
  });

  test('an addition to an expired record works in a transaction, too', async () => {
    const partition = randomUUID();
    await records.add({
      partition,
      sort: 'window',
      deltas: { requests: 7 },
      expiresAt: inSeconds(underTest, 1),
    });
    pass(underTest, 2);
    const changes: readonly Change[] = [
      { action: 'put', partition, sort: 'request', value: null },
      { action: 'add', partition, sort: 'window', deltas: { requests: 1 } },
    ];
    expect(await records.transact(changes)).toEqual({ done: true });
    expect((await records.get(partition, 'window'))?.counters).toEqual({ requests: 1 });
  });

  test('a hundred records change together', async () => {
    const partition = randomUUID();
    const changes = Array.from({ length: 100 }, (_, index): Change => ({
      action: 'put',
      partition,
      sort: `${index}`,
      value: index,
    }));
    expect(await records.transact(changes)).toEqual({ done: true });
    expect((await records.list(partition, { limit: 101 })).records).toHaveLength(100);
  });
}
