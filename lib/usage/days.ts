import type { Addition } from '../records/port.ts';
import type { Shift } from './counters.ts';

/**
 * What came and went on a day (UTC), for each tenant and bucket: counters that are changed together with what they are
 * about, so that their sums over time are what is stored.
 */

export const millisecondsPerDay = 86_400_000;

/** Two years, for a bill and its appeal. */
const keptDays = 750;

export const dayPartition = (bucket: string) => `usage-days/${bucket}`;
export const daySort = (day: string, tenant: string) => `${day}/${tenant}`;

/** `2026-11-25` */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** @returns undefined where nothing came or went */
export function dayAdditionOf(
  bucket: string,
  tenant: string,
  shifts: readonly Shift[],
  time: Date,
): Addition | undefined {
  const moved = shifts.flatMap(({ stored }) => (stored ? [stored] : []));
  if (moved.length === 0) return undefined;
  const sum = (amounts: readonly number[]) =>
    amounts.reduce((total, amount) => total + Math.max(0, amount), 0);
  return {
    partition: dayPartition(bucket),
    sort: daySort(dayOf(time), tenant),
    deltas: {
      addedBytes: sum(moved.filter(({ objects }) => objects > 0).map(({ bytes }) => bytes)),
      addedObjects: sum(moved.map(({ objects }) => objects)),
      removedBytes: sum(moved.filter(({ objects }) => objects < 0).map(({ bytes }) => -bytes)),
      removedObjects: sum(moved.map(({ objects }) => -objects)),
    },
    expiresAt: new Date(time.getTime() + keptDays * millisecondsPerDay),
  };
}
