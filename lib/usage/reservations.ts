import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import type { NewRecord, RecordKey, Records, StoredRecord } from '../records/port.ts';

/**
 * Reservations: what uploads under way may still come to hold. Each is a record under the upload's marker, which
 * begins with the time until which the object may arrive, so that a listing gives the overdue ones first. It has no
 * `expiresAt`: a record that vanished by itself would leave its bytes reserved for ever.
 */

const reservationSchema = v.object({
  tenant: v.string(),
  bucket: v.string(),
  key: v.string(),
  bytes: v.number(),
  /** Does the quota still hold the bytes? Not after the upload was completed or aborted. */
  isHeld: v.boolean(),
  /** An address of a single request writes the object as often as it is used, until it expires. */
  isRepeatable: v.boolean(),
});

type ReservationValue = v.InferOutput<typeof reservationSchema>;

export interface Reservation extends ReservationValue {
  readonly marker: string;
  readonly version: string;
}

/** A request that began before its address expired may still be sending, and a completion may still be under way. */
const graceSeconds = 3600;

/** DynamoDB writes about 1,000 times a second to one partition; keys that begin with the time all go to its end. */
export const shards: readonly string[] = Array.from('0123456789abcdef');

/** A new upload's name. @param usableUntil - when its addresses, or its id, are of no use any more */
export function newMarker(usableUntil: Date): string {
  const seconds = Math.ceil(usableUntil.getTime() / 1000) + graceSeconds;
  return `${String(seconds).padStart(12, '0')}-${randomBytes(12).toString('hex')}`;
}

/** From then on the upload's object can no longer arrive. */
export function endOfMarker(marker: string): Date {
  return new Date(Number(marker.slice(0, marker.indexOf('-'))) * 1000);
}

export function isOver(marker: string, now: Date): boolean {
  return endOfMarker(marker) <= now;
}

export function toRecord(marker: string, value: ReservationValue): NewRecord {
  return { ...keyOf(marker), value };
}

export function keyOf(marker: string): RecordKey {
  return { partition: partitionOf(marker.slice(-1)), sort: marker };
}

export async function findReservation(records: Records, marker: string): Promise<Reservation | undefined> {
  const { partition, sort } = keyOf(marker);
  const record = await records.get(partition, sort);
  return record && fromRecord(record);
}

/**
 * A page of the reservations of a shard, the oldest first.
 *
 * @param after - the `next` of the page before
 */
export async function listReservations(
  records: Records,
  shard: string,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<{ readonly reservations: readonly Reservation[]; readonly next?: string | undefined }> {
  const query = { limit, ...(after !== undefined && { after }) };
  const { records: found, next } = await records.list(partitionOf(shard), query);
  return { reservations: found.map(fromRecord), next };
}

function partitionOf(shard: string): string {
  return `reservations/${shard}`;
}

function fromRecord({ sort, value, version }: StoredRecord): Reservation {
  return { ...v.parse(reservationSchema, value), marker: sort, version };
}
