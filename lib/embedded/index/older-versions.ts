import type { DatabaseSync } from 'node:sqlite';
import { readVersion, type StoredObject, versionValues, writeVersion } from './objects.ts';

/** Reads and changes the `older_versions` table: replaced versions and delete markers. Changes belong into a commit. */
export interface OlderVersionTable {
  readonly find: (bucketId: number, key: string, versionId: string) => StoredObject | undefined;
  /** The one with the greatest sequence. */
  readonly newest: (bucketId: number, key: string) => StoredObject | undefined;
  readonly put: (bucketId: number, version: StoredObject) => void;
  readonly remove: (bucketId: number, version: StoredObject) => void;
}

export function olderVersionTable(database: DatabaseSync): OlderVersionTable {
  const find = database.prepare(
    'SELECT * FROM older_versions WHERE bucket_id = ? AND key = ? AND version_id = ?',
  );
  const newest = database.prepare(
    'SELECT * FROM older_versions WHERE bucket_id = ? AND key = ? ORDER BY sequence DESC LIMIT 1',
  );
  const put = database.prepare(`INSERT OR REPLACE INTO older_versions ${versionValues}`);
  const remove = database.prepare(
    'DELETE FROM older_versions WHERE bucket_id = ? AND key = ? AND sequence = ?',
  );

  return {
    find: (bucketId, key, versionId) => {
      const row = find.get(bucketId, key, versionId);
      return row && readVersion(row);
    },
    newest: (bucketId, key) => {
      const row = newest.get(bucketId, key);
      return row && readVersion(row);
    },
    put: (bucketId, version) => void put.run(...writeVersion(bucketId, version)),
    remove: (bucketId, { key, sequence }) => void remove.run(bucketId, key, sequence),
  };
}
