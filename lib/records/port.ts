/**
 * Records: small JSON values that the service has to remember, such as API keys, webhooks, quotas and locks. A record
 * stands in a partition, in the order of its sort key. What this file says of it is what the acceptance suite
 * `test/contract/records.ts` asks of every adapter.
 *
 * Keys are well-formed texts and not empty: a partition of at most 2,048 bytes of UTF-8, a sort key of at most 1,024.
 * Every method throws a {@link RangeError} for others, and a {@link StowageError} `records_unavailable` when the
 * database does not answer, refuses to be written, or is too busy. A write that ends so may have been done all the same.
 */
export interface Records {
  /** The record as the last acknowledged write left it. */
  readonly get: (partition: string, sort: string) => Promise<StoredRecord | undefined>;

  /** A page of a partition, in the byte order of the sort keys in UTF-8. */
  readonly list: (partition: string, query: ListQuery) => Promise<RecordPage>;

  /**
   * Writes a whole record, in place of whatever stood there, counters included.
   *
   * @returns the record's new version; undefined when the condition does not hold, and then nothing has changed
   */
  readonly put: (record: NewRecord, condition?: Condition) => Promise<string | undefined>;

  /** @returns false when the condition does not hold, and then nothing has changed */
  readonly delete: (partition: string, sort: string, condition?: Condition) => Promise<boolean>;

  /**
   * Adds to counters of a record: to all of them, or to none. Makes the record, with the value null, where it is absent.
   *
   * Storage may do an `add` twice when its answer is lost on the way. A sum that must be exact is changed in a
   * {@link Records.transact} with the record that accounts for it, which cannot be there or vanish twice.
   */
  readonly add: (addition: Addition) => Promise<AddResult>;

  /**
   * Does all of the changes at once, or none of them when a single one is refused.
   *
   * @param changes - 1 to 100, each of another record, of at most 4 MB together
   */
  readonly transact: (changes: readonly Change[]) => Promise<TransactResult>;

  /** Lets writes under way end and gives everything back. */
  readonly close: () => Promise<void>;
}

export interface RecordKey {
  readonly partition: string;
  readonly sort: string;
}

export interface NewRecord extends RecordKey {
  /** Whatever JSON can hold, at most {@link maxValueBytes} as JSON in UTF-8. */
  readonly value: unknown;
  /** From then on the record counts as absent. Kept to the second, rounded up. Default: never. */
  readonly expiresAt?: Date | undefined;
}

/** The room that DynamoDB's 400 KB an item leave for a value beside keys and counters. */
export const maxValueBytes = 384 * 1024;

export interface StoredRecord extends NewRecord {
  /** Changes with every write and never comes back, not even after the record was deleted and made again. */
  readonly version: string;
  readonly counters: Counters;
}

/** Whole numbers from 0 to {@link Number.MAX_SAFE_INTEGER}, by names of the code's own. One that is absent is 0. */
export type Counters = Readonly<Record<string, number>>;

/** What must hold for a write to be done. An expired record is absent. */
export type Condition = 'absent' | 'present' | { readonly version: string };

export interface ListQuery {
  /** Only sort keys that begin so. Default: all. */
  readonly prefix?: string;
  /** Begin behind this sort key, which need not exist: the `next` of the page before. */
  readonly after?: string;
  /** At least 1. A page is full, or the last one. */
  readonly limit: number;
  /** Default: false. */
  readonly descending?: boolean;
}

export interface RecordPage {
  readonly records: readonly StoredRecord[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

export interface Addition extends RecordKey {
  /** At least one; whole numbers, which may be negative. No counter goes below 0: that is refused. */
  readonly deltas: Readonly<Record<string, number>>;
  /** Refuses what would raise a counter above its ceiling. One that stands above it already can still be lowered. */
  readonly ceilings?: Counters;
  /** The record's expiry from now on. Default: it stays as it is. */
  readonly expiresAt?: Date | undefined;
}

/** The counters of the record: after the addition, or as they stood when it was refused. */
export interface AddResult {
  readonly added: boolean;
  readonly counters: Counters;
}

export type Change =
  | ({ readonly action: 'put'; readonly condition?: Condition | undefined } & NewRecord)
  | ({ readonly action: 'delete'; readonly condition?: Condition | undefined } & RecordKey)
  | ({ readonly action: 'add' } & Addition);

export type TransactResult =
  | { readonly done: true }
  | {
      readonly done: false;
      /** The index of a change that was refused. */
      readonly refused: number;
      /** The record as it stood for that change; absent where there was none. */
      readonly current?: StoredRecord | undefined;
    };
