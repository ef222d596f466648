import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { integer, text } from '../../sqlite/rows.ts';
import type { SeldomChanged } from './seldom-changed.ts';

export interface Bucket {
  readonly id: number;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly versioning: Versioning;
}

/** `Off` until versioning is enabled for the first time; from then on it can only be suspended. */
export type Versioning = 'Off' | 'Enabled' | 'Suspended';

/** Reads and changes the `buckets` table. Changes belong into a commit. */
export interface BucketTable {
  readonly find: (name: string) => Bucket | undefined;
  readonly all: () => Bucket[];
  /** The first whose id is this or greater. */
  readonly from: (id: number) => Bucket | undefined;
  readonly add: (name: string, createdAt: number) => void;
  readonly remove: (id: number) => void;
  readonly setVersioning: (id: number, versioning: Versioning) => void;
  /** Whether no version of any object is in it. */
  readonly isEmpty: (id: number) => boolean;
}

export function bucketTable(database: DatabaseSync, { remember, changed }: SeldomChanged): BucketTable {
  const find = database.prepare('SELECT * FROM buckets WHERE name = ?');
  const all = database.prepare('SELECT * FROM buckets ORDER BY name');
  const from = database.prepare('SELECT * FROM buckets WHERE id >= ? ORDER BY id LIMIT 1');
  const add = database.prepare("INSERT INTO buckets (name, created_at, versioning) VALUES (?, ?, 'Off')");
  const remove = database.prepare('DELETE FROM buckets WHERE id = ?');
  const setVersioning = database.prepare('UPDATE buckets SET versioning = ? WHERE id = ?');
  const anyVersion = database.prepare(
    'SELECT 1 FROM objects WHERE bucket_id = ?1 UNION ALL SELECT 1 FROM older_versions WHERE bucket_id = ?1 LIMIT 1',
  );

  return {
    find: remember((name: string) => {
      const row = find.get(name);
      return row && readBucket(row);
    }),
    all: () => all.all().map(readBucket),
    from: (id) => {
      const row = from.get(id);
      return row && readBucket(row);
    },
    add: (name, createdAt) => {
      add.run(name, createdAt);
      changed();
    },
    remove: (id) => {
      remove.run(id);
      changed();
    },
    setVersioning: (id, versioning) => {
      setVersioning.run(versioning, id);
      changed();
    },
    isEmpty: (id) => anyVersion.get(id) === undefined,
  };
}

function readBucket(row: Record<string, SQLOutputValue>): Bucket {
  const versioning = text(row['versioning']);
  return {
    id: integer(row['id']),
    name: text(row['name']),
    createdAt: integer(row['created_at']),
    versioning: versioning === 'Enabled' || versioning === 'Suspended' ? versioning : 'Off',
  };
}
