import type { ListQuery, RecordPage, StoredRecord } from './port.ts';

/** The part of a partition that a page is read from: sort keys that begin with `prefix`, behind `behind`. */
export interface Stretch {
  readonly prefix: string;
  /** Begins with the prefix. Absent: from the end where the order begins. */
  readonly behind?: string;
}

/**
 * Where a page is read from; undefined when there is nothing left. DynamoDB refuses a start outside of the prefix, so
 * such a start is moved to its edge.
 */
export function stretchOf({ prefix = '', after, descending = false }: ListQuery): Stretch | undefined {
  if (after === undefined) return { prefix };
  if (after.startsWith(prefix)) return { prefix, behind: after };
  const before = Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0;
  return before === descending ? undefined : { prefix };
}

/** @param found - one more than the limit, where there are so many */
export function pageOf(found: readonly StoredRecord[], limit: number): RecordPage {
  const records = found.slice(0, limit);
  const last = records.at(-1);
  return found.length > limit && last ? { records, next: last.sort } : { records };
}
