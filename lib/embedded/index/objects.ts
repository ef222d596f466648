import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { integer, optional, text, textMap } from '../../sqlite/rows.ts';
import type { ObjectLock } from '../object-lock.ts';

/** A version of a key as the index knows it. */
export interface StoredObject {
  readonly key: string;
  /** `null` (the text, S3's own name) for what is written while a bucket has no versioning. */
  readonly versionId: string;
  /** Grows with every version of a key. */
  readonly sequence: number;
  /** Whether it only says that the key was deleted. It has neither content nor attributes then. */
  readonly isDeleteMarker: boolean;
  /** 0 where there is no content. */
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
  /** The multipart upload that it, or what it is a copy of, came from; with a trace of the key that that was for. */
  readonly uploadId?: string;
  readonly lock?: ObjectLock;
  /** Only of an archived object. */
  readonly restore?: Restore;
}

/** A copy of an archived object that can be read for a while, or is on its way. */
export interface Restore {
  /** While it is on its way: for how many days it will stay. */
  readonly days?: number;
  /** When it is there, or goes away again: milliseconds since 1970. */
  readonly dueAt: number;
}

export interface ObjectChecksum {
  readonly algorithm: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
  /** In base64; a composite one ends in `-` and the number of parts. */
  readonly value: string;
}

/** Reads and changes the `objects` table: the current objects. Changes belong into a commit. */
export interface ObjectTable {
  readonly find: (bucketId: number, key: string) => StoredObject | undefined;
  readonly put: (bucketId: number, object: StoredObject) => void;
  readonly remove: (bucketId: number, key: string) => void;
  /** `BUCKET/KEY` of the objects that refer to a content, in any version. */
  readonly holding: (contentId: number) => string[];
}

export function objectTable(database: DatabaseSync): ObjectTable {
  const find = database.prepare('SELECT * FROM objects WHERE bucket_id = ? AND key = ?');
  const put = database.prepare(`INSERT OR REPLACE INTO objects ${versionValues}`);
  const remove = database.prepare('DELETE FROM objects WHERE bucket_id = ? AND key = ?');
  const holding = database.prepare(`
    SELECT DISTINCT name || '/' || key AS path
    FROM (SELECT * FROM objects UNION ALL SELECT * FROM older_versions) JOIN buckets ON buckets.id = bucket_id
    WHERE content_id = ?`);

  return {
    find: (bucketId, key) => {
      const row = find.get(bucketId, key);
      return row && readVersion(row);
    },
    put: (bucketId, object) => void put.run(...writeVersion(bucketId, object)),
    remove: (bucketId, key) => void remove.run(bucketId, key),
    holding: (contentId) => holding.all(contentId).map((row) => text(row['path'])),
  };
}

/** What follows `INSERT INTO` a table of versions; the values are those of {@link writeVersion}. */
export const versionValues = `
  (bucket_id, key, version_id, sequence, is_delete_marker, content_id, size_bytes, etag, modified_at, storage_class,
   headers, tags, checksum, upload_id, lock, restore)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function writeVersion(bucketId: number, version: StoredObject): SQLInputValue[] {
  return [
    bucketId,
    version.key,
    version.versionId,
    version.sequence,
    version.isDeleteMarker ? 1 : 0,
    version.contentId,
    version.sizeBytes,
    version.etag,
    version.modifiedAt,
    version.storageClass,
    JSON.stringify(version.headers),
    JSON.stringify(version.tags),
    version.checksum ? JSON.stringify(version.checksum) : null,
    version.uploadId ?? null,
    version.lock ? JSON.stringify(version.lock) : null,
    version.restore ? JSON.stringify(version.restore) : null,
  ];
}

export function readVersion(row: Record<string, SQLOutputValue>): StoredObject {
  const checksum = optional(row['checksum'], readChecksum);
  const uploadId = optional(row['upload_id'], text);
  const lock = optional(row['lock'], readLock);
  const restore = optional(row['restore'], readRestore);
  return {
    key: text(row['key']),
    versionId: text(row['version_id']),
    sequence: integer(row['sequence']),
    isDeleteMarker: row['is_delete_marker'] === 1,
    contentId: integer(row['content_id']),
    sizeBytes: integer(row['size_bytes']),
    etag: text(row['etag']),
    modifiedAt: integer(row['modified_at']),
    storageClass: text(row['storage_class']),
    headers: textMap(row['headers']),
    tags: textMap(row['tags']),
    ...(checksum && { checksum }),
    ...(uploadId !== undefined && { uploadId }),
    ...(lock && { lock }),
    ...(restore && { restore }),
  };
}

export function readLock(column: Parameters<typeof text>[0]): ObjectLock {
  const lock: ObjectLock = JSON.parse(text(column));
  return lock;
}

function readRestore(column: Parameters<typeof text>[0]): Restore {
  const restore: Restore = JSON.parse(text(column));
  return restore;
}

function readChecksum(column: Parameters<typeof text>[0]): ObjectChecksum {
  const checksum: ObjectChecksum = JSON.parse(text(column));
  return checksum;
}
