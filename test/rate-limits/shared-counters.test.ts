import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StowageError } from '../../lib/errors.ts';
import { type SharedCounters, sharedCountersOn } from '../../lib/rate-limits/shared-counters.ts';
import type { Records } from '../../lib/records/port.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';

const limit = 5;

describe('counters of several processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-counters-'));
  let records: Records;
  let time = Date.parse('2026-11-25T12:00:10Z');
  let additions = 0;
  /** What becomes of an addition. */
  let state: 'done' | 'refused' | 'silent' = 'done';
  let logged: string[];
  let processes: readonly [SharedCounters, SharedCounters];

  beforeAll(async () => {
    records = await openSqliteRecords({ file: join(folder, 'records.sqlite'), now: () => new Date(time) });
  });
  beforeEach(() => {
    time += 3_600_000;
    additions = 0;
    state = 'done';
    logged = [];
    const open = () =>
      sharedCountersOn({
        records: {
          add: async (addition) => {
            additions += 1;
            if (state === 'refused') throw new StowageError('records_unavailable', 'out');
            if (state === 'silent') return new Promise(() => {});
            return records.add(addition);
          },
        },
        log: (level, message) => logged.push(`${level}: ${message}`),
        now: () => time,
      })({ name: 'caller', limit, windowSeconds: 60, maxKeys: 100 });
    processes = [open(), open()];
  });
  afterAll(async () => {
    await records.close();
    rmSync(folder, { recursive: true });
  });

  const hit = (key: string, index = 0) => (processes[index] ?? processes[0]).increment(key);

  test('count together, exactly, and all in the same window', async () => {
    const counts = await Promise.all(Array.from({ length: limit + 1 }, (_, at) => hit('a', at % 2)));
    expect(counts.map(({ totalHits }) => totalHits).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { resetTime } of counts) expect(resetTime.toISOString()).toMatch(/:01:00\.000Z$/);
    expect((await hit('b')).totalHits).toBe(1);
    time += 50_000;
    expect((await hit('a', 1)).totalHits).toBe(1);
  });

  test('write no more of a key that is known to be over its limit', async () => {
    for (let count = 0; count < limit + 1; count += 1) await hit('a');
    additions = 0;
    for (let count = 0; count < 20; count += 1) expect((await hit('a')).totalHits).toBeGreaterThan(limit);
    expect(additions).toBe(0);
    // The other process learns of it by one.
    expect([await hit('a', 1), await hit('a', 1)].map(({ totalHits }) => totalHits)).toEqual([7, 7]);
    expect(additions).toBe(1);
    expect(processes[1].get('a')?.totalHits).toBe(7);
  });

  test.each(['refused', 'silent'] as const)(
    'while additions are %s, count each by itself and refuse nobody for it, and say so once',
    async (fault) => {
      for (let count = 0; count < limit; count += 1) await hit('a');
      state = fault;
      const counts = [await hit('a'), await hit('a'), await hit('b')];
      expect(counts.map(({ totalHits }) => totalHits)).toEqual([1, 2, 1]);
      for (let count = 0; count < limit; count += 1) await hit('a');
      expect((await hit('a')).totalHits).toBeGreaterThan(limit);
      expect(additions).toBe(limit + 1);
      expect(logged).toEqual(['warn: Rate limits are counted by this process alone']);

      time += 5000;
      await hit('c');
      expect(logged).toHaveLength(1);
      time += 5000;
      state = 'done';
      expect((await hit('d')).totalHits).toBe(1);
      expect(logged.at(-1)).toBe('info: Rate limits are counted in the records again');
    },
  );

  test('hold no more keys in memory than they may', async () => {
    for (let key = 0; key < 150; key += 1) await hit(`key ${key}`);
    const kept = Array.from({ length: 150 }, (_, key) => processes[0].get(`key ${key}`));
    expect(kept.filter((count) => count !== undefined)).toHaveLength(100);
  });
});
