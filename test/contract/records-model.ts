import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change, Condition, Records, StoredRecord } from '../../lib/records/port.ts';
import type { RecordsUnderTest } from './records-under-test.ts';

/** What random walks do: let time pass, or change one record or several. */
interface Step {
  readonly passSeconds: number;
  readonly changes: readonly PlannedChange[];
}

type PlannedChange = {
  readonly sort: string;
  readonly expiresInSeconds: number | undefined;
} & (
  | {
      readonly action: 'put' | 'delete';
      readonly condition: 'none' | 'absent' | 'present' | 'current' | 'stale';
    }
  | {
      readonly action: 'add';
      readonly deltas: Readonly<Record<string, number>>;
      readonly ceiling: number | undefined;
    }
);

/** A record as the model has it: the plainest thing that could be right. */
interface Model {
  readonly value: unknown;
  readonly counters: Readonly<Record<string, number>>;
  readonly expiresAt: number;
}

const delta = fc.integer({ min: -3, max: 5 });
const common = {
  sort: fc.constantFrom('a', 'b', 'c'),
  expiresInSeconds: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
};
const plannedChange: fc.Arbitrary<PlannedChange> = fc.oneof(
  fc.record({
    ...common,
    action: fc.constantFrom('put', 'delete'),
    condition: fc.constantFrom('none', 'absent', 'present', 'current', 'stale'),
  }),
  fc.record({
    ...common,
    action: fc.constant('add'),
    deltas: fc.oneof(fc.record({ x: delta }), fc.record({ x: delta, y: delta })),
    ceiling: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
  }),
);
const step: fc.Arbitrary<Step> = fc.record({
  passSeconds: fc.constantFrom(0, 0, 0, 1, 2),
  changes: fc.uniqueArray(plannedChange, { minLength: 1, maxLength: 3, selector: ({ sort }) => sort }),
});

/** The model after a change, or undefined when that is refused. */
function apply(before: ReadonlyMap<string, Model>, change: PlannedChange, now: number) {
  const { sort, expiresInSeconds } = change;
  const after = new Map(before);
  const old = before.get(sort);
  const expiresAt = expiresInSeconds === undefined ? Infinity : now + expiresInSeconds;
  if (change.action === 'add') {
    const counters = { ...old?.counters };
    for (const [name, delta] of Object.entries(change.deltas)) {
      const count = (counters[name] ?? 0) + delta;
      if (count < 0) return undefined;
      if (change.ceiling !== undefined && delta > 0 && count > change.ceiling) return undefined;
      counters[name] = count;
    }
    const kept = expiresInSeconds === undefined ? (old?.expiresAt ?? Infinity) : expiresAt;
    return after.set(sort, { value: old?.value ?? null, counters, expiresAt: kept });
  }
  const wanted = { none: true, absent: !old, present: Boolean(old), current: Boolean(old), stale: false };
  if (!wanted[change.condition]) return undefined;
  if (change.action === 'put') after.set(sort, { value: { at: now }, counters: {}, expiresAt });
  else after.delete(sort);
  return after;
}

/** The same change, as the port takes it. */
function toChange(planned: PlannedChange, partition: string, now: number, standing: Standing): Change {
  const { sort, expiresInSeconds } = planned;
  const expiresAt = expiresInSeconds === undefined ? undefined : new Date((now + expiresInSeconds) * 1000);
  if (planned.action === 'add') {
    const { deltas, ceiling } = planned;
    const ceilings = ceiling === undefined ? {} : { x: ceiling, y: ceiling };
    return { action: 'add', partition, sort, deltas, ceilings, expiresAt };
  }
  const conditions: Readonly<Record<string, Condition>> = {
    absent: 'absent',
    present: 'present',
    current: { version: standing.get(sort)?.version ?? 'none' },
    stale: { version: 'stale' },
  };
  const condition = conditions[planned.condition];
  return planned.action === 'put'
    ? { action: 'put', partition, sort, value: { at: now }, expiresAt, condition }
    : { action: 'delete', partition, sort, condition };
}

type Standing = ReadonlyMap<string, StoredRecord>;

/** Does the changes by the method made for them; gives whether they were done. */
async function perform(records: Records, changes: readonly Change[]): Promise<boolean> {
  const [change, ...others] = changes;
  if (!change || others.length > 0) return (await records.transact(changes)).done;
  if (change.action === 'put') return (await records.put(change, change.condition)) !== undefined;
  if (change.action === 'delete') return records.delete(change.partition, change.sort, change.condition);
  return (await records.add(change)).added;
}

function toModel({ sort, value, counters, expiresAt }: StoredRecord) {
  return { sort, value, counters, expiresAt: expiresAt ? expiresAt.getTime() / 1000 : Infinity };
}

export function describeModel({ records, clock }: RecordsUnderTest): void {
  test('after every step of a random walk, the records are those of the model', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        const partition = randomUUID();
        let model: ReadonlyMap<string, Model> = new Map();
        let standing: Standing = new Map();
        for (const { passSeconds, changes } of steps) {
          clock.now = new Date(Math.floor(clock.now.getTime() / 1000 + passSeconds) * 1000);
          const now = clock.now.getTime() / 1000;
          model = new Map([...model].filter(([, { expiresAt }]) => expiresAt > now));
          const after = changes.reduce<ReadonlyMap<string, Model> | undefined>(
            (state, change) => state && apply(state, change, now),
            model,
          );
          const real = changes.map((change) => toChange(change, partition, now, standing));
          expect(await perform(records, real)).toBe(after !== undefined);
          model = after ?? model;

          const page = await records.list(partition, { limit: 10 });
          standing = new Map(page.records.map((record) => [record.sort, record]));
          expect(page.records.map(toModel)).toEqual(
            [...model]
              .map(([sort, record]) => ({ sort, ...record }))
              .sort((a, b) => (a.sort < b.sort ? -1 : 1)),
          );
        }
      }),
      { numRuns: 60 },
    );
  });
}
