import type { DatabaseSync } from 'node:sqlite';
import { integer } from '../../sqlite/rows.ts';

/**
 * The steps that bring an older index up to date, in order; a new index has all of them in its schema. Whoever adds one
 * raises the format of the data folder, too, so that an older release refuses it.
 */
const migrations: readonly string[] = [
  // Restored copies of archived objects, and where work of many days stands.
  `ALTER TABLE objects ADD COLUMN restore TEXT;
   ALTER TABLE older_versions ADD COLUMN restore TEXT;
   CREATE INDEX objects_by_restore ON objects (restore ->> 'dueAt') WHERE restore IS NOT NULL;
   CREATE INDEX older_versions_by_restore ON older_versions (restore ->> 'dueAt') WHERE restore IS NOT NULL;
   CREATE TABLE progress (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
  // Bodies that are encrypted, with their wrapped keys, and the name of the master key.
  `ALTER TABLE pieces ADD COLUMN data_key BLOB;
   ALTER TABLE inline_bodies ADD COLUMN data_key BLOB;
   CREATE TABLE master_key (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`,
];

/** What {@link migrate} has brought an index to: SQLite keeps it in `user_version`. */
export const schemaVersion = migrations.length;

/**
 * Brings an index up to date: all of it, or nothing.
 *
 * @throws Error for one of a newer release
 */
export function migrate(database: DatabaseSync): void {
  const version = integer(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > schemaVersion) throw new Error('The index is of a newer release. Use that one.');
  if (version === schemaVersion) return;
  const steps = migrations.slice(version).join('\n');
  database.exec(`BEGIN IMMEDIATE; ${steps} PRAGMA user_version = ${schemaVersion}; COMMIT`);
}
