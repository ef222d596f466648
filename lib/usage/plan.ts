import { StowageError } from '../errors.ts';
import type { Change, Records } from '../records/port.ts';
import type { Storage } from '../storage/storage.ts';
import { type CountedObject, toRecord } from './counted-objects.ts';
import { additionsOf, minusOne, one, type Shift } from './counters.ts';

/** How usage is changed: by plans that rest on what was read, and are made anew where that has changed. */

/** An upload whose object is counted. */
export interface CountedUpload {
  /** As `countedTenant` names it. */
  readonly tenant: string;
  readonly bucket: string;
  readonly key: string;
  readonly marker: string;
}

export interface SettleDeps {
  readonly storage: Storage;
  readonly records: Records;
  readonly now: () => Date;
}

/** A transaction: writes of records of their own, each on condition, and what they shift in the counters. */
export interface Plan {
  readonly writes: readonly Change[];
  readonly shifts: readonly Shift[];
}

export const nothing: Plan = { writes: [], shifts: [] };

/** Those who settle the same key at the same time are few. */
const maxTries = 20;

export function countingOf(
  { tenant, bucket, key, marker }: CountedUpload,
  { versionId, sizeBytes: bytes }: { readonly versionId: string | undefined; readonly sizeBytes: number },
  replaced: CountedObject | undefined,
): Plan {
  const condition = replaced ? { version: replaced.version } : 'absent';
  const record = toRecord(bucket, { tenant, key, versionId, bytes, marker });
  return {
    writes: [{ action: 'put', condition, ...record }],
    shifts: [
      { tenant, stored: one(bytes) },
      ...(replaced ? [{ tenant: replaced.tenant, stored: minusOne(replaced.bytes) }] : []),
    ],
  };
}

export function together(a: Plan, b: Plan): Plan {
  return { writes: [...a.writes, ...b.writes], shifts: [...a.shifts, ...b.shifts] };
}

/**
 * Carries a plan out; makes a new one when a record that it rests on has changed meanwhile.
 *
 * @returns the plan that was carried out; one without writes where there was nothing to do
 */
export async function transact(
  { records, now }: Pick<SettleDeps, 'records' | 'now'>,
  bucket: string,
  plan: () => Promise<Plan>,
): Promise<Plan> {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const made = await plan();
    const { writes, shifts } = made;
    if (writes.length === 0) return made;
    const result = await records.transact([...writes, ...additionsOf(bucket, shifts, now())]);
    if (result.done) return made;
    if (result.refused >= writes.length) throw new Error(`The usage of ${bucket} would fall below zero.`);
  }
  throw new StowageError('records_unavailable', 'Too many settle the same object at once; try again.');
}
