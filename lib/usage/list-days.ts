import { StowageError } from '../errors.ts';
import type { Records, StoredRecord } from '../records/port.ts';
import type { UsageDay } from './schema.ts';
import { dayOf, dayPartition, daySort, millisecondsPerDay } from './days.ts';

/** From the first to the last day, both included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

export interface DayPage {
  /** Those on which something came or went, the first one first. */
  readonly days: readonly UsageDay[];
  /** Gives the next page; absent on the last. */
  readonly cursor?: string | undefined;
}

const pageSize = 1000;
const defaultDays = 30;
const maxDays = 366;
/** So many records are asked for at once. */
const daysAtOnce = 31;

/**
 * The days that are asked for.
 *
 * @throws {@link StowageError} `invalid_request` where they are none, or too many for one answer
 */
export function dayRange(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Date,
): DayRange {
  const last = to ?? dayOf(now);
  const first = from ?? shift(last, 1 - defaultDays);
  const length = lengthOf({ from: first, to: last });
  if (length >= 1 && length <= maxDays) return { from: first, to: last };
  const message =
    length < 1 ? `must not be behind ${last}` : `must be at most ${maxDays} days before ${last}`;
  throw new StowageError('invalid_request', `from ${message}`, { errors: [{ path: 'from', message }] });
}

/** The days of one tenant. They fit into one page. */
export async function daysOfTenant(
  records: Records,
  bucket: string,
  tenant: string,
  range: DayRange,
): Promise<DayPage> {
  const days = Array.from({ length: lengthOf(range) }, (_, index) => shift(range.from, index));
  const found: UsageDay[] = [];
  for (let start = 0; start < days.length; start += daysAtOnce) {
    const some = await Promise.all(
      days
        .slice(start, start + daysAtOnce)
        .map((day) => records.get(dayPartition(bucket), daySort(day, tenant))),
    );
    found.push(...some.flatMap((record) => (record ? [fromRecord(bucket, record)] : [])));
  }
  return { days: found };
}

/**
 * Every tenant's days, in pages.
 *
 * @throws {@link StowageError} `invalid_cursor`
 */
export async function daysOfAll(
  records: Records,
  bucket: string,
  { from, to }: DayRange,
  cursor: string | undefined,
): Promise<DayPage> {
  const after = cursor === undefined ? from : readCursor(cursor);
  const { records: found, next } = await records.list(dayPartition(bucket), { limit: pageSize, after });
  const days = found.map((record) => fromRecord(bucket, record));
  const within = days.filter(({ day }) => day <= to);
  const isLast = next === undefined || within.length < days.length;
  return { days: within, ...(!isLast && { cursor: Buffer.from(next).toString('base64url') }) };
}

function readCursor(cursor: string): string {
  const sort = Buffer.from(cursor, 'base64url').toString();
  const isOurs = /^\d{4}-\d\d-\d\d\//.test(sort) && Buffer.from(sort).toString('base64url') === cursor;
  if (isOurs && Buffer.byteLength(sort) <= 1024) return sort;
  throw new StowageError('invalid_cursor', 'No page of this list has ended so.');
}

function fromRecord(bucket: string, { sort, counters }: StoredRecord): UsageDay {
  const end = sort.indexOf('/');
  const { addedBytes = 0, addedObjects = 0, removedBytes = 0, removedObjects = 0 } = counters;
  return {
    day: sort.slice(0, end),
    tenant: sort.slice(end + 1),
    bucket,
    addedBytes,
    addedObjects,
    removedBytes,
    removedObjects,
  };
}

function shift(day: string, days: number): string {
  return dayOf(new Date(Date.parse(day) + days * millisecondsPerDay));
}

function lengthOf({ from, to }: DayRange): number {
  return (Date.parse(to) - Date.parse(from)) / millisecondsPerDay + 1;
}
