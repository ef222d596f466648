import type { DatabaseSync } from 'node:sqlite';
import { integer, optional, text, textMap } from '../../sqlite/rows.ts';

/** An object as the index knows it. */
export interface StoredObject {
  readonly key: string;
  /** `null` (the text, S3's own name) for an object of a bucket without versioning. */
  readonly versionId: string;
  readonly contentId: number;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly storageClass: string;
  /** Headers to answer with as they came: `content-type`, `cache-control`, `x-amz-meta-…` */
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly checksum?: ObjectChecksum;
  /** The multipart upload that it came from. */
  readonly uploadId?: string;
}

export interface ObjectChecksum {
  readonly algorithm: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
  /** In base64; a composite one ends in `-` and the number of parts. */
  readonly value: string;
}

/** Reads and changes the `objects` table. Changes belong into a commit. */
export interface ObjectTable {
  readonly find: (bucketId: number, key: string) => StoredObject | undefined;
  readonly put: (bucketId: number, object: StoredObject) => void;
  readonly remove: (bucketId: number, key: string) => void;
}

export function objectTable(database: DatabaseSync): ObjectTable {
  const find = database.prepare('SELECT * FROM objects WHERE bucket_id = ? AND key = ?');
  const put = database.prepare(`
    INSERT OR REPLACE INTO objects
      (bucket_id, key, version_id, content_id, size_bytes, etag, modified_at, storage_class, headers, tags, checksum, upload_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const remove = database.prepare('DELETE FROM objects WHERE bucket_id = ? AND key = ?');

  return {
    find: (bucketId, key) => {
      const row = find.get(bucketId, key);
      return row && readObject(row);
    },
    put: (bucketId, object) =>
      void put.run(
        bucketId,
        object.key,
        object.versionId,
        object.contentId,
        object.sizeBytes,
        object.etag,
        object.modifiedAt,
        object.storageClass,
        JSON.stringify(object.headers),
        JSON.stringify(object.tags),
        object.checksum ? JSON.stringify(object.checksum) : null,
        object.uploadId ?? null,
      ),
    remove: (bucketId, key) => void remove.run(bucketId, key),
  };
}

function readObject(row: NonNullable<ReturnType<ReturnType<DatabaseSync['prepare']>['get']>>): StoredObject {
  const checksum = optional(row['checksum'], readChecksum);
  const uploadId = optional(row['upload_id'], text);
  return {
    key: text(row['key']),
    versionId: text(row['version_id']),
    contentId: integer(row['content_id']),
    sizeBytes: integer(row['size_bytes']),
    etag: text(row['etag']),
    modifiedAt: integer(row['modified_at']),
    storageClass: text(row['storage_class']),
    headers: textMap(row['headers']),
    tags: textMap(row['tags']),
    ...(checksum && { checksum }),
    ...(uploadId !== undefined && { uploadId }),
  };
}

function readChecksum(column: Parameters<typeof text>[0]): ObjectChecksum {
  const checksum: ObjectChecksum = JSON.parse(text(column));
  return checksum;
}
