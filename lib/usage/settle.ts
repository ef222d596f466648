import { standingObject } from '../uploads/received.ts';
import { findCounted, type ObjectVersion } from './counted-objects.ts';
import { minusOne } from './counters.ts';
import {
  type CountedUpload,
  countingOf,
  nothing,
  type Plan,
  type SettleDeps,
  together,
  transact,
} from './plan.ts';
import { recountUntilSame } from './recount.ts';
import { findReservation, isOver, keyOf, type Reservation, toRecord } from './reservations.ts';

/**
 * Makes usage say of an upload what storage says: its object is counted, in place of the one that it has replaced, or
 * its room is given back.
 *
 * @throws {@link StowageError} `records_unavailable`, or what storage's refusal becomes
 */
export async function settleUpload(deps: SettleDeps, upload: CountedUpload): Promise<void> {
  const { storage, records, now } = deps;
  const { bucket, key, marker } = upload;
  let seen: ObjectVersion | undefined;
  await transact(deps, bucket, async () => {
    seen = undefined;
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
    if (known?.marker === marker) return ending;
    seen = { key, versionId };
    return together(ending, countingOf(upload, { versionId, sizeBytes }, known));
  });
  if (seen) await recountUntilSame(deps, { bucket, ...seen });
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
