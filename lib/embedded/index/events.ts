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
  /** The sequence of the newest one, in a commit also of this commit's; 0 where there was none. */
  readonly newest: () => number;
  /** In the order of the changes: those behind `after`, up to `upTo`. */
  readonly read: (after: number, upTo: number, limit: number) => RecordedEvent[];
  /** Forgets all events up to this one. */
  readonly forget: (upTo: number) => void;
}

/** Beyond this the oldest go: where nobody reads the events, they must not fill the disk. */
export const maxEvents = 1_000_000;

export function eventTable(database: DatabaseSync): EventTable {
  const add = database.prepare('INSERT INTO events (id, type, at, bucket, detail) VALUES (?, ?, ?, ?, ?)');
  const newest = database.prepare('SELECT MAX(sequence) AS newest FROM events');
  const read = database.prepare(
    'SELECT * FROM events WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?',
  );
  const forget = database.prepare('DELETE FROM events WHERE sequence <= ?');

  let additions = 0;

  return {
    add: ({ id, type, at, bucket, detail }) => {
      additions += 1;
      const { lastInsertRowid } = add.run(id, type, at, bucket, detail);
      forget.run(Number(lastInsertRowid) - maxEvents);
    },
    additions: () => additions,
    newest: () => optional(newest.get()?.['newest'], integer) ?? 0,
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
