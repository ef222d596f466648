import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Lanes } from '../../lib/webhooks/lanes.ts';

/**
 * What every kind of lanes must do.
 *
 * @param open - two workers that share their lanes
 */
export function lanesSuite(name: string, open: () => Promise<readonly [Lanes, Lanes]>): void {
  describe(`lanes ${name}`, () => {
    test('are worked on by one at a time, and whoever comes meanwhile makes that one look again', async () => {
      const lanes = await open();
      let underWay = 0;
      let peak = 0;
      let rounds = 0;
      const work = async () => {
        underWay += 1;
        peak = Math.max(peak, underWay);
        rounds += 1;
        await delay(20);
        underWay -= 1;
      };
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          await delay(index * 5);
          return lanes[index % 2 === 0 ? 0 : 1].run('wh_a', work);
        }),
      );
      expect(outcomes).toEqual(outcomes.map(() => true));
      expect(peak).toBe(1);
      expect(rounds).toBeGreaterThan(1);
      expect(underWay).toBe(0);
    });

    test('lose nothing that comes while somebody is just about to end', async () => {
      const lanes = await open();
      const waiting = new Set<number>();
      const work = async () => {
        for (const item of waiting) {
          await delay(Math.random());
          waiting.delete(item);
        }
      };
      const runs: Promise<boolean>[] = [];
      for (let item = 0; item < 60; item += 1) {
        waiting.add(item);
        runs.push(lanes[item % 2 === 0 ? 0 : 1].run('wh_a', work));
        await delay(Math.random() * 4);
      }
      await Promise.all(runs);
      expect(waiting.size).toBe(0);
    });

    test('do not stand in each other’s way', async () => {
      const [lanes] = await open();
      const { promise, resolve } = Promise.withResolvers<void>();
      const slow = lanes.run('wh_slow', () => promise);
      let isDone = false;
      await lanes.run('wh_quick', async () => {
        isDone = true;
      });
      expect(isDone).toBe(true);
      resolve();
      await slow;
    });

    test('are free again after work that fails', async () => {
      const lanes = await open();
      const failing = lanes[0].run('wh_a', async () => Promise.reject(new Error('no')));
      await expect(failing).rejects.toThrow('no');
      let isDone = false;
      await lanes[1].run('wh_a', async () => {
        isDone = true;
      });
      expect(isDone).toBe(true);
    });
  });
}
