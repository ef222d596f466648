import type { DatabaseSync } from 'node:sqlite';
import { integer, text } from '../../sqlite/rows.ts';

export interface Bucket {
  readonly id: number;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Reads and changes the `buckets` table. Changes belong into a commit. */
export interface BucketTable {
  readonly find: (name: string) => Bucket | undefined;
  readonly all: () => Bucket[];
  readonly add: (name: string, createdAt: number) => void;
  readonly remove: (id: number) => void;
  /** Whether neither an object nor an unfinished upload is in it. */
  readonly isEmpty: (id: number) => boolean;
}

export function bucketTable(database: DatabaseSync): BucketTable {
  const find = database.prepare('SELECT * FROM buckets WHERE name = ?');
  const all = database.prepare('SELECT * FROM buckets ORDER BY name');
  const add = database.prepare('INSERT INTO buckets (name, created_at) VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM buckets WHERE id = ?');
  const anyObject = database.prepare('SELECT 1 FROM objects WHERE bucket_id = ? LIMIT 1');

  const read = (row: ReturnType<typeof find.get>): Bucket | undefined =>
    row && { id: integer(row['id']), name: text(row['name']), createdAt: integer(row['created_at']) };
  return {
    find: (name) => read(find.get(name)),
    all: () => all.all().flatMap((row) => read(row) ?? []),
    add: (name, createdAt) => void add.run(name, createdAt),
    remove: (id) => void remove.run(id),
    isEmpty: (id) => anyObject.get(id) === undefined,
  };
}
