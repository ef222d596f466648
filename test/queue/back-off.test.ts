import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backOffSeconds } from '../../lib/queue/back-off.ts';

const backOff = { firstSeconds: 5, maxSeconds: 3600 };

test.each([
  [1, 1, 5],
  [2, 1, 10],
  [5, 0.5, 40],
  [12, 1, 3600],
  [2000, 1, 3600],
  [1, 0, 1],
])('after %i attempts, with chance %d: %i seconds', (attempts, random, expected) => {
  expect(backOffSeconds(backOff, attempts, random)).toBe(expected);
});

test('a wait is a whole number of seconds within the limits', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempts, random) => {
        const seconds = backOffSeconds(backOff, attempts, random);
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(1);
        expect(seconds).toBeLessThanOrEqual(backOff.maxSeconds);
      },
    ),
  );
});
