import type { DatabaseSync } from 'node:sqlite';
import { text } from '../../sqlite/rows.ts';
import type { SeldomChanged } from './seldom-changed.ts';

/** Reads and changes the `bucket_settings` table: documents of the S3 API. Changes belong into a commit. */
export interface BucketSettingTable {
  readonly find: (bucketId: number, name: string) => string | undefined;
  readonly put: (bucketId: number, name: string, document: string) => void;
  readonly remove: (bucketId: number, name: string) => void;
}

export function bucketSettingTable(
  database: DatabaseSync,
  { remember, changed }: SeldomChanged,
): BucketSettingTable {
  const all = database.prepare('SELECT name, document FROM bucket_settings WHERE bucket_id = ?');
  const put = database.prepare(
    'INSERT OR REPLACE INTO bucket_settings (bucket_id, name, document) VALUES (?, ?, ?)',
  );
  const remove = database.prepare('DELETE FROM bucket_settings WHERE bucket_id = ? AND name = ?');
  const documentsOf = remember(
    (bucketId: number) =>
      new Map(all.all(bucketId).map((row) => [text(row['name']), text(row['document'])] as const)),
  );
  return {
    find: (bucketId, name) => documentsOf(bucketId)?.get(name),
    put: (bucketId, name, document) => {
      put.run(bucketId, name, document);
      changed();
    },
    remove: (bucketId, name) => {
      remove.run(bucketId, name);
      changed();
    },
  };
}
