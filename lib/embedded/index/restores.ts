import type { DatabaseSync } from 'node:sqlite';
import { integer } from '../../sqlite/rows.ts';
import { readVersion, type StoredObject } from './objects.ts';

/** A version of which a restored copy is there, or on its way. */
export interface RestoredVersion {
  readonly bucketId: number;
  readonly version: StoredObject;
}

/** Finds restored copies of archived objects. */
export interface RestoreTable {
  /** Those that are due: to be there, or to go away again. */
  readonly due: (now: number, limit: number) => RestoredVersion[];
}

export function restoreTable(database: DatabaseSync): RestoreTable {
  const statements = ['objects', 'older_versions'].map((table) =>
    database.prepare(`
      SELECT * FROM ${table} WHERE restore IS NOT NULL AND restore ->> 'dueAt' <= ?
      ORDER BY restore ->> 'dueAt' LIMIT ?`),
  );
  return {
    due: (now, limit) =>
      statements
        .flatMap((statement) => statement.all(now, limit))
        .slice(0, limit)
        .map((row) => ({ bucketId: integer(row['bucket_id']), version: readVersion(row) })),
  };
}
