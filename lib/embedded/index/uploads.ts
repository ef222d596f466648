import type { DatabaseSync } from 'node:sqlite';
import { integer, optional, text, textMap } from '../../sqlite/rows.ts';
import type { ObjectLock } from '../object-lock.ts';
import { readLock } from './objects.ts';

/** A multipart upload under way. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  /** The content that gathers its parts. */
  readonly contentId: number;
  /** Milliseconds since 1970. */
  readonly initiatedAt: number;
  readonly storageClass: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly checksumAlgorithm?: string;
  readonly checksumType?: 'FULL_OBJECT' | 'COMPOSITE';
  readonly lock?: ObjectLock;
}

/** Reads and changes the `uploads` table. Changes belong into a commit. */
export interface UploadTable {
  readonly find: (bucketId: number, key: string, id: string) => Upload | undefined;
  readonly add: (bucketId: number, upload: Upload) => void;
  readonly remove: (bucketId: number, key: string, id: string) => void;
  /** In the order of keys, then of their beginning; from the first behind this key and id. */
  readonly after: (bucketId: number, key: string, id: string) => IterableIterator<Upload>;
}

export function uploadTable(database: DatabaseSync): UploadTable {
  const find = database.prepare('SELECT * FROM uploads WHERE bucket_id = ? AND key = ? AND id = ?');
  const add = database.prepare(`
    INSERT INTO uploads
      (bucket_id, key, id, content_id, initiated_at, storage_class, headers, tags, checksum_algorithm, checksum_type, lock)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const remove = database.prepare('DELETE FROM uploads WHERE bucket_id = ? AND key = ? AND id = ?');
  const after = database.prepare(
    'SELECT * FROM uploads WHERE bucket_id = ? AND (key, id) > (?, ?) ORDER BY key, id',
  );

  return {
    find: (bucketId, key, id) => {
      const row = find.get(bucketId, key, id);
      return row && readUpload(row);
    },
    add: (bucketId, upload) =>
      void add.run(
        bucketId,
        upload.key,
        upload.id,
        upload.contentId,
        upload.initiatedAt,
        upload.storageClass,
        JSON.stringify(upload.headers),
        JSON.stringify(upload.tags),
        upload.checksumAlgorithm ?? null,
        upload.checksumType ?? null,
        upload.lock ? JSON.stringify(upload.lock) : null,
      ),
    remove: (bucketId, key, id) => void remove.run(bucketId, key, id),
    *after(bucketId, key, id) {
      for (const row of after.iterate(bucketId, key, id)) yield readUpload(row);
    },
  };
}

function readUpload(row: NonNullable<ReturnType<ReturnType<DatabaseSync['prepare']>['get']>>): Upload {
  const checksumAlgorithm = optional(row['checksum_algorithm'], text);
  const checksumType = optional(row['checksum_type'], text);
  const lock = optional(row['lock'], readLock);
  return {
    id: text(row['id']),
    key: text(row['key']),
    contentId: integer(row['content_id']),
    initiatedAt: integer(row['initiated_at']),
    storageClass: text(row['storage_class']),
    headers: textMap(row['headers']),
    tags: textMap(row['tags']),
    ...(checksumAlgorithm !== undefined && { checksumAlgorithm }),
    ...(lock && { lock }),
    ...(checksumType !== undefined && {
      checksumType: checksumType === 'COMPOSITE' ? 'COMPOSITE' : 'FULL_OBJECT',
    }),
  };
}
