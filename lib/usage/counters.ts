import { dayAdditionOf } from './days.ts';
import type { Addition, Change, Counters, StoredRecord } from '../records/port.ts';

/**
 * What a tenant takes of a bucket, as counters of one record. `taken…` is what its objects hold and what is reserved
 * for uploads under way, in one number, so that one ceiling keeps their sum.
 */

const tenantPrefix = 'tenant/';

export const usagePartition = (bucket: string) => `usage/${bucket}`;
export const usageSort = (tenant: string) => tenantPrefix + tenant;
export const tenantOfSort = (sort: string) => sort.slice(tenantPrefix.length);

/** How many bytes and objects; negative where they are given back. */
export interface Amount {
  readonly bytes: number;
  readonly objects: number;
}

export interface Taken {
  /** What the tenant's objects hold. */
  readonly stored: Amount;
  /** What its uploads under way may still come to hold. */
  readonly reserved: Amount;
}

/** A change of what one tenant takes. */
export interface Shift {
  readonly tenant: string;
  readonly stored?: Amount;
  readonly reserved?: Amount;
}

export const one = (bytes: number): Amount => ({ bytes, objects: 1 });
export const minusOne = (bytes: number): Amount => ({ bytes: -bytes, objects: -1 });

export function takenOf(record: StoredRecord | undefined): Taken {
  const { takenBytes = 0, takenObjects = 0, reservedBytes = 0, reservedObjects = 0 } = record?.counters ?? {};
  return {
    stored: { bytes: takenBytes - reservedBytes, objects: takenObjects - reservedObjects },
    reserved: { bytes: reservedBytes, objects: reservedObjects },
  };
}

/**
 * The additions that do all shifts in a bucket: for each tenant one to its counters, and one to those of the day, since
 * a transaction changes a record only once.
 */
export function additionsOf(bucket: string, shifts: readonly Shift[], time: Date): Change[] {
  const byTenant = Map.groupBy(shifts, ({ tenant }) => tenant);
  return Array.from(byTenant).flatMap(([tenant, ofTenant]) => {
    const ofDay = dayAdditionOf(bucket, tenant, ofTenant, time);
    return [
      { action: 'add' as const, ...additionOf(bucket, tenant, ofTenant) },
      ...(ofDay ? [{ action: 'add' as const, ...ofDay }] : []),
    ];
  });
}

/** @param ceilings - of `takenBytes` and `takenObjects`. Default: none */
export function additionOf(
  bucket: string,
  tenant: string,
  shifts: readonly Shift[],
  ceilings: Counters = {},
): Addition {
  const reserved = sum(shifts.map((shift) => shift.reserved));
  const stored = sum(shifts.map((shift) => shift.stored));
  return {
    partition: usagePartition(bucket),
    sort: usageSort(tenant),
    deltas: {
      takenBytes: stored.bytes + reserved.bytes,
      takenObjects: stored.objects + reserved.objects,
      reservedBytes: reserved.bytes,
      reservedObjects: reserved.objects,
    },
    ceilings,
  };
}

function sum(amounts: readonly (Amount | undefined)[]): Amount {
  return {
    bytes: amounts.reduce((total, amount) => total + (amount?.bytes ?? 0), 0),
    objects: amounts.reduce((total, amount) => total + (amount?.objects ?? 0), 0),
  };
}
