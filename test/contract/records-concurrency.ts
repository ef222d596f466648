import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../lib/records/port.ts';
import type { RecordsUnderTest } from './records-under-test.ts';

const numbers = v.array(v.number());

/** Starts them all at once. */
function concurrently<T>(count: number, start: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => start(index)));
}

export function describeConcurrency({ records, clock, crowd }: RecordsUnderTest): void {
  const fitting = crowd * 0.6;

  describe('under concurrency', () => {
    test(`${crowd} additions fill a counter to its ceiling, exactly`, { timeout: 300_000 }, async () => {
      const key = { partition: randomUUID(), sort: 'quota' };
      const ceilings = { bytes: 7 * fitting + 3, objects: crowd };
      const results = await concurrently(crowd, () =>
        records.add({ ...key, deltas: { bytes: 7, objects: 1 }, ceilings }),
      );
      const added = results.filter((result) => result.added);
      expect(added).toHaveLength(fitting);
      // Each addition saw a state of its own: one after the other, without a gap.
      const seen = added.map(({ counters }) => counters['objects'] ?? 0).sort((a, b) => a - b);
      expect(seen).toEqual(Array.from({ length: fitting }, (_, index) => index + 1));
      expect((await records.get(key.partition, key.sort))?.counters).toEqual({
        bytes: 7 * fitting,
        objects: fitting,
      });
    });

    /** How a quota is kept: a counter, and a record of each reservation, by which it is released once. */
    test(
      `${crowd} reservations against a quota and their releases, exactly`,
      { timeout: 300_000 },
      async () => {
        const partition = randomUUID();
        const quota = { partition, sort: 'quota' };
        const reservation = (index: number) => ({ partition, sort: `reservation/${index}` });
        const reserve = (index: number): Change[] => [
          { action: 'put', ...reservation(index), value: { bytes: 7 }, condition: 'absent' },
          { action: 'add', ...quota, deltas: { bytes: 7 }, ceilings: { bytes: 7 * fitting + 3 } },
        ];
        const release = (index: number): Change[] => [
          { action: 'delete', ...reservation(index), condition: 'present' },
          { action: 'add', ...quota, deltas: { bytes: -7 } },
        ];

        const reserved = await concurrently(crowd, (index) => records.transact(reserve(index)));
        expect(reserved.filter(({ done }) => done)).toHaveLength(fitting);
        expect((await records.get(partition, 'quota'))?.counters).toEqual({ bytes: 7 * fitting });

        // Some releases come twice, as events do, and some for what was refused.
        const released = await concurrently(crowd * 0.4, (index) =>
          records.transact(release(index % (crowd * 0.2))),
        );
        const held = reserved.slice(0, crowd * 0.2).filter(({ done }) => done).length;
        expect(released.filter(({ done }) => done)).toHaveLength(held);
        expect((await records.get(partition, 'quota'))?.counters).toEqual({ bytes: 7 * (fitting - held) });
        const { records: left } = await records.list(partition, { prefix: 'reservation/', limit: crowd });
        expect(left).toHaveLength(fitting - held);
      },
    );

    test('of many that put a record where none is, one wins', async () => {
      const key = { partition: randomUUID(), sort: 'lock' };
      const versions = await concurrently(100, (index) => records.put({ ...key, value: index }, 'absent'));
      const [winner, ...others] = versions.filter((version) => version !== undefined);
      expect(others).toEqual([]);
      expect((await records.get(key.partition, key.sort))?.version).toBe(winner);
    });

    test('whoever changes what it has read, if the version is still that one, loses no change of another', async () => {
      const key = { partition: randomUUID(), sort: 'list' };
      await records.put({ ...key, value: [] });
      await concurrently(20, async (index) => {
        for (let version: string | undefined; version === undefined;) {
          const read = await records.get(key.partition, key.sort);
          const value = [...v.parse(numbers, read?.value), index];
          version = await records.put({ ...key, value }, { version: read?.version ?? '' });
        }
      });
      const value = v.parse(numbers, (await records.get(key.partition, key.sort))?.value);
      expect(value.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    });

    test('a lease that has run out is taken by one, and the old holder cannot give it back', async () => {
      const key = { partition: randomUUID(), sort: 'lease' };
      const lease = () => ({ ...key, value: null, expiresAt: new Date(clock.now.getTime() + 30_000) });
      const old = (await records.put(lease(), 'absent')) ?? '';
      expect(await records.put(lease(), 'absent')).toBeUndefined();
      clock.now = new Date(clock.now.getTime() + 31_000);
      const taken = await concurrently(50, () => records.put(lease(), 'absent'));
      const [holder, ...others] = taken.filter((version) => version !== undefined);
      expect(others).toEqual([]);
      expect(await records.put(lease(), { version: old })).toBeUndefined();
      expect(await records.delete(key.partition, key.sort, { version: old })).toBe(false);
      expect(await records.delete(key.partition, key.sort, { version: holder ?? '' })).toBe(true);
    });
  });
}
