import { StowageError } from '../errors.ts';
import type { Change, Records } from '../records/port.ts';
import type { Storage } from '../storage/storage.ts';
import { standingObject } from '../uploads/received.ts';
import { type CountedObject, findCounted, toRecord as toCountedRecord } from './counted-objects.ts';
import { additionsOf, minusOne, one, type Shift } from './counters.ts';
import { findReservation, isOver, keyOf, type Reservation, toRecord } from './reservations.ts';

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

/**
 * Makes usage say of an upload what storage says: its object is counted, in place of the one that it has replaced, or
 * its room is given back.
 *
 * @throws {@link StowageError} `records_unavailable`, or what storage's refusal becomes
 */
export async function settleUpload(deps: SettleDeps, upload: CountedUpload): Promise<void> {
  const { storage, records, now } = deps;
  const { bucket, key, marker } = upload;
  await transact(deps, bucket, async () => {
    // Read before storage is: if it then names this upload's object, no later one can have been counted already.
    const [reservation, replaced] = await Promise.all([
      findReservation(records, marker),
      findCounted(records, bucket, { key }),
    ]);
    // A copy, by whatever way it was made, has the mark of its source's upload.
    const ending = reservation?.key === key ? endOf(reservation, now()) : nothing;
    const standing = await standingObject(storage, upload);
    if (!standing?.isOurs) return ending;
    const { versionId, sizeBytes } = standing.head;
    const known = versionId === undefined ? replaced : await findCounted(records, bucket, { key, versionId });
    return known?.marker === marker
      ? ending
      : together(ending, countingOf(upload, { versionId, sizeBytes }, known));
  });
}

/** Gives an upload's room back, without a look at storage. */
export async function releaseUpload(
  deps: Pick<SettleDeps, 'records' | 'now'>,
  { bucket, marker }: CountedUpload,
): Promise<void> {
  const { records, now } = deps;
  await transact(deps, bucket, async () => {
    const reservation = await findReservation(records, marker);
    return reservation ? endOf(reservation, now()) : nothing;
  });
}

/** An address that may be used again keeps its reservation, without the bytes, until nothing can come of it any more. */
function endOf(reservation: Reservation, now: Date): Plan {
  const { marker, version, isHeld, isRepeatable, tenant, bytes } = reservation;
  const isKept = isRepeatable && !isOver(marker, now);
  if (isKept && !isHeld) return nothing;
  const condition = { version };
  return {
    writes: [
      isKept
        ? { action: 'put', condition, ...toRecord(marker, { ...reservation, isHeld: false }) }
        : { action: 'delete', condition, ...keyOf(marker) },
    ],
    shifts: isHeld ? [{ tenant, reserved: minusOne(bytes) }] : [],
  };
}

export function countingOf(
  { tenant, bucket, key, marker }: CountedUpload,
  { versionId, sizeBytes: bytes }: { readonly versionId: string | undefined; readonly sizeBytes: number },
  replaced: CountedObject | undefined,
): Plan {
  const condition = replaced ? { version: replaced.version } : 'absent';
  const record = toCountedRecord(bucket, { tenant, key, versionId, bytes, marker });
  return {
    writes: [{ action: 'put', condition, ...record }],
    shifts: [
      { tenant, stored: one(bytes) },
      ...(replaced ? [{ tenant: replaced.tenant, stored: minusOne(replaced.bytes) }] : []),
    ],
  };
}

function together(a: Plan, b: Plan): Plan {
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
