import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { integer, text } from '../../sqlite/rows.ts';
import { makePage, type Page, type PageRequest } from './page.ts';

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly storageClass: string;
}

export interface ListedVersion extends ListedObject {
  readonly versionId: string;
  readonly sequence: number;
  readonly isDeleteMarker: boolean;
  readonly isLatest: boolean;
}

interface BucketPageRequest extends PageRequest {
  readonly bucketId: number;
}

export interface VersionPageRequest extends BucketPageRequest {
  /** The page begins with the versions of the key `after` that have a smaller sequence; absent: behind that key. */
  readonly afterSequence?: number;
}

export type ObjectLister = (request: BucketPageRequest) => Page<ListedObject>;
export type VersionLister = (request: VersionPageRequest) => Page<ListedVersion>;

const objectColumns = 'key, size_bytes, etag, modified_at, storage_class';
const versionColumns = `${objectColumns}, version_id, sequence, is_delete_marker`;

/** Lists the current objects of a bucket. */
export function objectLister(database: DatabaseSync): ObjectLister {
  const select = `SELECT ${objectColumns} FROM objects WHERE bucket_id = ?`;
  const from = database.prepare(`${select} AND key >= ? ORDER BY key`);
  const behind = database.prepare(`${select} AND key > ? ORDER BY key`);

  return ({ bucketId, ...page }) =>
    makePage(page, function* ({ key, inclusive }) {
      for (const row of (inclusive ? from : behind).iterate(bucketId, key)) yield readObject(row);
    });
}

/** Lists all versions of a bucket's objects: by key, the latest of each key first. */
export function versionLister(database: DatabaseSync): VersionLister {
  const both = (condition: string) =>
    database.prepare(`
      SELECT ${versionColumns} FROM objects WHERE bucket_id = ?1 AND ${condition}
      UNION ALL
      SELECT ${versionColumns} FROM older_versions WHERE bucket_id = ?1 AND ${condition}
      ORDER BY key, sequence DESC`);
  const from = both('key >= ?2');
  const behind = both('key > ?2');
  const restOfKey = both('key = ?2 AND sequence < ?3');

  return ({ bucketId, afterSequence, ...page }) => {
    // The first version that is met of a key is its latest, unless the page begins amid its versions.
    let lastKey = afterSequence === undefined ? undefined : page.after;
    const read = (row: Record<string, SQLOutputValue>): ListedVersion => {
      const version = readVersion(row, lastKey);
      lastKey = version.key;
      return version;
    };
    return makePage(page, function* ({ key, inclusive }) {
      if (afterSequence !== undefined && key === page.after) {
        for (const row of restOfKey.iterate(bucketId, key, afterSequence)) yield read(row);
      }
      for (const row of (inclusive ? from : behind).iterate(bucketId, key)) yield read(row);
    });
  };
}

function readObject(row: Record<string, SQLOutputValue>): ListedObject {
  return {
    key: text(row['key']),
    sizeBytes: integer(row['size_bytes']),
    etag: text(row['etag']),
    modifiedAt: integer(row['modified_at']),
    storageClass: text(row['storage_class']),
  };
}

function readVersion(row: Record<string, SQLOutputValue>, lastKey: string | undefined): ListedVersion {
  const object = readObject(row);
  return {
    ...object,
    versionId: text(row['version_id']),
    sequence: integer(row['sequence']),
    isDeleteMarker: row['is_delete_marker'] === 1,
    isLatest: object.key !== lastKey,
  };
}
