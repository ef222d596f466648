import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCounters } from '../../lib/rate-limits/counters.ts';

describe('counters', () => {
  test('count each key exactly within its window, whatever the order', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), seconds: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = 0;
        const counters = createCounters({ windowSeconds: 60, maxKeys: 3, now: () => now });
        const windows = new Map<string, { begun: number; hits: number }>();
        for (const { key, seconds } of steps) {
          now += seconds * 1000;
          const open = windows.get(key);
          const window = open && now < open.begun + 60_000 ? open : { begun: now, hits: 0 };
          window.hits += 1;
          windows.set(key, window);
          expect(counters.increment(key)).toEqual({
            totalHits: window.hits,
            resetTime: new Date(window.begun + 60_000),
          });
        }
      }),
    );
  });

  test('hold no more keys than they may, and forget the oldest first', () => {
    const counters = createCounters({ windowSeconds: 60, maxKeys: 1000, now: () => 0 });
    for (let key = 0; key < 1_000_000; key += 1) counters.increment(String(key));
    const kept = Array.from({ length: 1_000_000 }, (_, key) => String(key)).filter((key) =>
      counters.get(key),
    );
    expect(kept).toHaveLength(1000);
    expect(kept[0]).toBe('999000');
  });

  test('take back a hit, and forget a key', () => {
    const counters = createCounters({ windowSeconds: 60, maxKeys: 10 });
    counters.increment('a');
    counters.increment('a');
    counters.decrement('a');
    expect(counters.get('a')?.totalHits).toBe(1);
    counters.resetKey('a');
    expect(counters.get('a')).toBeUndefined();
  });
});
