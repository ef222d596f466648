import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Change, type Condition, maxValueBytes } from '../../lib/records/port.ts';
import { describeConcurrency } from './records-concurrency.ts';
import { describeCounters, describeTransactions } from './records-counters.ts';
import { describeListing } from './records-listing.ts';
import { describeModel } from './records-model.ts';
import { inSeconds, pass, type RecordsUnderTest } from './records-under-test.ts';

/** The acceptance suite of the records port: what passes it is an adapter. */
export function describeRecords(name: string, underTest: RecordsUnderTest): void {
  describe(`records on ${name}`, () => {
    describeValues(underTest);
    describeConditions(underTest);
    describeCounters(underTest);
    describeTransactions(underTest);
    describeLimits(underTest);
    describeListing(underTest);
    describeModel(underTest);
    describeConcurrency(underTest);
  });
}

function describeValues(underTest: RecordsUnderTest): void {
  const { records } = underTest;

  test('a record that nobody has put is not there', async () => {
    expect(await records.get(randomUUID(), 'key')).toBeUndefined();
  });

  test('whatever JSON can hold comes back, under keys of any script', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, text, fc.jsonValue(), async (partition, sort, value) => {
        const version = await records.put({ partition, sort, value });
        expect(await records.get(partition, sort)).toEqual({
          partition,
          sort,
          value: JSON.parse(JSON.stringify(value)),
          version,
          counters: {},
        });
      }),
    );
  });

  test('a value of the largest size comes back', async () => {
    const partition = randomUUID();
    const value = 'ü'.repeat(maxValueBytes / 2 - 1);
    await records.put({ partition, sort: 'large', value });
    expect((await records.get(partition, 'large'))?.value).toBe(value);
  });

  test('a put replaces the whole record', async () => {
    const partition = randomUUID();
    const expiresAt = inSeconds(underTest, 60);
    await records.add({ partition, sort: 'key', deltas: { uses: 1 }, expiresAt });
    const version = await records.put({ partition, sort: 'key', value: { name: 'new' } });
    expect(await records.get(partition, 'key')).toEqual({
      partition,
      sort: 'key',
      value: { name: 'new' },
      version,
      counters: {},
    });
  });

  test('a record is there until it expires, to the second', async () => {
    const partition = randomUUID();
    const expiresAt = inSeconds(underTest, 59.5);
    await records.put({ partition, sort: 'key', value: 1, expiresAt });
    pass(underTest, 59.999);
    expect(await records.get(partition, 'key')).toMatchObject({
      expiresAt: new Date(Math.ceil(expiresAt.getTime() / 1000) * 1000),
    });
    pass(underTest, 0.001);
    expect(await records.get(partition, 'key')).toBeUndefined();
    expect(await records.list(partition, { limit: 10 })).toEqual({ records: [] });
  });

  test('a version never comes back', async () => {
    const partition = randomUUID();
    const write = () => records.put({ partition, sort: 'key', value: 1 });
    const versions = [await write(), await write()];
    await records.delete(partition, 'key');
    versions.push(await write());
    await records.add({ partition, sort: 'key', deltas: { uses: 1 } });
    versions.push((await records.get(partition, 'key'))?.version);
    expect(new Set(versions).size).toBe(4);
  });
}

type State = 'absent' | 'present' | 'expired';

/** Which conditions hold where: the whole table. */
const conditions: readonly (readonly [
  state: State,
  condition: 'none' | 'absent' | 'present' | 'its version' | 'an older version',
  holds: boolean,
])[] = [
  ['absent', 'none', true],
  ['absent', 'absent', true],
  ['absent', 'present', false],
  ['absent', 'an older version', false],
  ['present', 'none', true],
  ['present', 'absent', false],
  ['present', 'present', true],
  ['present', 'its version', true],
  ['present', 'an older version', false],
  ['expired', 'none', true],
  ['expired', 'absent', true],
  ['expired', 'present', false],
  ['expired', 'its version', false],
];

function describeConditions(underTest: RecordsUnderTest): void {
  const { records } = underTest;

  /** A record in that state, and the condition on it. */
  async function prepare(state: State, name: string) {
    const [partition, sort] = [randomUUID(), 'key'];
    const older = (await records.put({ partition, sort, value: 'older' })) ?? '';
    const expiresAt = state === 'expired' ? inSeconds(underTest, 1) : undefined;
    const version = (await records.put({ partition, sort, value: 'old', expiresAt })) ?? '';
    if (state === 'absent') await records.delete(partition, sort);
    if (state === 'expired') pass(underTest, 2);
    const named: Readonly<Record<string, Condition>> = {
      absent: 'absent',
      present: 'present',
      'its version': { version },
      'an older version': { version: older },
    };
    return { partition, sort, condition: named[name] };
  }

  test.each(conditions)(
    'of a record that is %s, the condition "%s" holds: %s',
    async (state, name, holds) => {
      const put = await prepare(state, name);
      const left = state === 'present' ? 'old' : undefined;
      const version = await records.put({ ...put, value: 'new' }, put.condition);
      expect(version !== undefined).toBe(holds);
      expect((await records.get(put.partition, put.sort))?.value).toBe(holds ? 'new' : left);

      const removal = await prepare(state, name);
      expect(await records.delete(removal.partition, removal.sort, removal.condition)).toBe(holds);
      expect((await records.get(removal.partition, removal.sort))?.value).toBe(holds ? undefined : left);

      const change = await prepare(state, name);
      const other = { action: 'put', partition: randomUUID(), sort: 'other', value: null } as const;
      const { done } = await records.transact([other, { action: 'put', ...change, value: 'new' }]);
      expect(done).toBe(holds);
      expect((await records.get(change.partition, change.sort))?.value).toBe(holds ? 'new' : left);
    },
  );
}

function describeLimits({ records }: RecordsUnderTest): void {
  const key = { partition: 'limits', sort: 'key' };
  const put: Change = { action: 'put', ...key, value: 1 };
  const refusals: Readonly<Record<string, () => Promise<unknown>>> = {
    'an empty partition': () => records.get('', 'key'),
    'an empty sort key': () => records.delete('limits', ''),
    'a partition of 2,049 bytes': () => records.get('p'.repeat(2049), 'key'),
    'a sort key of 1,025 bytes': () => records.put({ ...key, sort: `${'ü'.repeat(512)}x`, value: 1 }),
    'half a surrogate pair': () => records.get('limits', '\ud83d'),
    'a value that JSON cannot hold': () => records.put({ ...key, value: undefined }),
    'a value that is too large': () => records.put({ ...key, value: 'x'.repeat(maxValueBytes - 1) }),
    'an addition of nothing': () => records.add({ ...key, deltas: {} }),
    'an addition of half a byte': () => records.add({ ...key, deltas: { bytes: 0.5 } }),
    'a page of no records': () => records.list('limits', { limit: 0 }),
    'no changes': () => records.transact([]),
    'the same record twice': () => records.transact([put, { action: 'delete', ...key }]),
    '101 changes': () =>
      records.transact(Array.from({ length: 101 }, (_, index) => ({ ...put, sort: `${index}` }))),
  };

  test.each(Object.entries(refusals))('%s is a mistake of the caller', async (_, call) => {
    await expect(call()).rejects.toThrow(RangeError);
  });

  test('the longest keys are taken', async () => {
    const [partition, sort] = ['ü'.repeat(1024), 'ü'.repeat(512)];
    await records.put({ partition, sort, value: 1 });
    expect((await records.get(partition, sort))?.value).toBe(1);
  });
}
