import type { DatabaseSync } from 'node:sqlite';
import { integer, text } from '../../sqlite/rows.ts';

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
  /** In the order of the changes, from the first behind `after`. */
  readonly read: (after: number, limit: number) => RecordedEvent[];
  /** Forgets all events up to this one. */
  readonly forget: (upTo: number) => void;
}

/** Beyond this the oldest go: where nobody reads the events, they must not fill the disk. */
export const maxEvents = 1_000_000;

export function eventTable(database: DatabaseSync): EventTable {
  const add = database.prepare('INSERT INTO events (id, type, at, bucket, detail) VALUES (?, ?, ?, ?, ?)');
  const read = database.prepare('SELECT * FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?');
  const forget = database.prepare('DELETE FROM events WHERE sequence <= ?');

  return {
    add: ({ id, type, at, bucket, detail }) => {
      const { lastInsertRowid } = add.run(id, type, at, bucket, detail);
      forget.run(Number(lastInsertRowid) - maxEvents);
    },
    read: (after, limit) =>
      read.all(after, limit).map((row) => ({
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
