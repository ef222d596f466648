import type { Change, Counters, ListQuery, RecordPage, StoredRecord, TransactResult } from './port.ts';

/** What an adapter does with its database; `records.ts` makes the port of it. The arguments are within the limits. */
export interface RecordsDatabase {
  readonly find: (partition: string, sort: string) => Promise<StoredRecord | undefined>;
  readonly page: (partition: string, query: ListQuery) => Promise<RecordPage>;
  /**
   * Does all of the changes or none.
   *
   * @param version - what the records have afterwards; no record has had it before
   */
  readonly write: (changes: readonly Change[], version: string) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

/** `counters` are the record's own, where its addition was the only change. */
export type Outcome =
  | { readonly done: true; readonly counters?: Counters }
  | Extract<TransactResult, { readonly done: false }>;
