import type { DatabaseSync } from 'node:sqlite';
import { integer, optional, text } from '../../sqlite/rows.ts';

/** A change of an object, as it is kept until somebody has taken note of it. */
export interface RecordedEvent {
  /** Grows with every event. */
  readonly sequence: number;
  /** Unique in the world. */
  readonly id: string;
  /** EventBridge's `detail-type`. */
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly bucket: string;
  /** EventBridge's `detail` as JSON, without bucket and sequencer. */
  readonly detail: string;
}

/** Reads and changes the `events` table. Changes belong into a commit. */
export interface EventTable {
  readonly add: (event: Omit<RecordedEvent, 'sequence'>) => void;
  /** How many were added since the index was opened, those of undone changes included. */
  readonly additions: () => number;
  /** The sequence of the last one that was added, also where that was undone; 0 where there was none. */
  readonly newest: () => number;
  /** In the order of the changes: those behind `after`, up to `upTo`. */
  readonly read: (after: number, upTo: number, limit: number) => RecordedEvent[];
  /** Forgets all events up to this one. */
  readonly forget: (upTo: number) => void;
}

/** Beyond this the oldest go: where nobody reads the events, they must not fill the disk. */
const maxEvents = 1_000_000;
/** How many go at a time. */
const forgottenTogether = 1000;

export function eventTable(database: DatabaseSync): EventTable {
  const add = database.prepare('INSERT INTO events (id, type, at, bucket, detail) VALUES (?, ?, ?, ?, ?)');
  const newest = database.prepare('SELECT MAX(sequence) AS newest FROM events');
  const read = database.prepare(
    'SELECT * FROM events WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?',
  );
  const forget = database.prepare('DELETE FROM events WHERE sequence <= ?');

  let additions = 0;
  let newestSequence = optional(newest.get()?.['newest'], integer) ?? 0;

  return {
    add: ({ id, type, at, bucket, detail }) => {
      additions += 1;
      newestSequence = Number(add.run(id, type, at, bucket, detail).lastInsertRowid);
      if (newestSequence % forgottenTogether === 0) {
        forget.run(newestSequence + forgottenTogether - maxEvents);
      }
    },
    additions: () => additions,
    newest: () => newestSequence,
    read: (after, upTo, limit) =>
      read.all(after, upTo, limit).map((row) => ({
        sequence: integer(row['sequence']),
        id: text(row['id']),
        type: text(row['type']),
        at: integer(row['at']),
        bucket: text(row['bucket']),
        detail: text(row['detail']),
      })),
    forget: (upTo) => void forget.run(upTo),
  };
}
