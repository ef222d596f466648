import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { integer } from '../../sqlite/rows.ts';
import { readVersion, type StoredObject } from './objects.ts';

/** Reads all versions of a bucket, delete markers among them: by key, the latest of each key first. */
export interface VersionScan {
  readonly from: (bucketId: number, key: string) => IterableIterator<StoredObject>;
  /** From the first behind a version, be it still there or not. */
  readonly behind: (bucketId: number, key: string, sequence: number) => IterableIterator<StoredObject>;
  /** When the newer versions of a key were written, the next newer first. */
  readonly newerTimes: (bucketId: number, key: string, sequence: number, limit: number) => number[];
  /** Whether a key has a version that is older than this. */
  readonly hasOlder: (bucketId: number, key: string, sequence: number) => boolean;
}

export function versionScan(database: DatabaseSync): VersionScan {
  const both = (columns: string, condition: string, order: string) =>
    database.prepare(`
      SELECT ${columns} FROM objects WHERE bucket_id = ?1 AND ${condition}
      UNION ALL
      SELECT ${columns} FROM older_versions WHERE bucket_id = ?1 AND ${condition}
      ORDER BY ${order}`);
  const from = both('*', 'key >= ?2', 'key, sequence DESC');
  const behind = both('*', 'key > ?2', 'key, sequence DESC');
  const restOfKey = both('*', 'key = ?2 AND sequence < ?3', 'sequence DESC');
  const newer = both('sequence, modified_at', 'key = ?2 AND sequence > ?3', 'sequence LIMIT ?4');
  const older = database.prepare(
    'SELECT 1 FROM older_versions WHERE bucket_id = ? AND key = ? AND sequence < ? LIMIT 1',
  );
  return {
    from: (bucketId, key) => readAll(from.iterate(bucketId, key)),
    *behind(bucketId, key, sequence) {
      yield* readAll(restOfKey.iterate(bucketId, key, sequence));
      yield* readAll(behind.iterate(bucketId, key));
    },
    newerTimes: (bucketId, key, sequence, limit) =>
      newer.all(bucketId, key, sequence, limit).map((row) => integer(row['modified_at'])),
    hasOlder: (bucketId, key, sequence) => older.get(bucketId, key, sequence) !== undefined,
  };
}

function* readAll(rows: Iterable<Record<string, SQLOutputValue>>): IterableIterator<StoredObject> {
  for (const row of rows) yield readVersion(row);
}
