import type { DatabaseSync } from 'node:sqlite';
import { text } from '../../sqlite/rows.ts';

/** Reads and changes the `bucket_settings` table: documents of the S3 API. Changes belong into a commit. */
export interface BucketSettingTable {
  readonly find: (bucketId: number, name: string) => string | undefined;
  readonly put: (bucketId: number, name: string, document: string) => void;
  readonly remove: (bucketId: number, name: string) => void;
}

export function bucketSettingTable(database: DatabaseSync): BucketSettingTable {
  const find = database.prepare('SELECT document FROM bucket_settings WHERE bucket_id = ? AND name = ?');
  const put = database.prepare(
    'INSERT OR REPLACE INTO bucket_settings (bucket_id, name, document) VALUES (?, ?, ?)',
  );
  const remove = database.prepare('DELETE FROM bucket_settings WHERE bucket_id = ? AND name = ?');
  return {
    find: (bucketId, name) => {
      const row = find.get(bucketId, name);
      return row && text(row['document']);
    },
    put: (bucketId, name, document) => void put.run(bucketId, name, document),
    remove: (bucketId, name) => void remove.run(bucketId, name),
  };
}
