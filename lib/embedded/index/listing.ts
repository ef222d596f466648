import type { DatabaseSync } from 'node:sqlite';
import { endOfPrefix } from '../../sqlite/prefix-end.ts';
import { integer, text } from '../../sqlite/rows.ts';

/** What a page of a listing shall hold. */
export interface ListingRequest {
  readonly bucketId: number;
  readonly prefix: string;
  /** Keys that share the text up to its first occurrence behind the prefix are rolled up. Empty: none. */
  readonly delimiter: string;
  /** The page begins behind this key, or behind all keys that this rolled-up prefix stands for. */
  readonly after: string;
  /** At least 1. */
  readonly limit: number;
}

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly storageClass: string;
}

export interface Listing {
  readonly objects: readonly ListedObject[];
  readonly prefixes: readonly string[];
  /** What the next page begins after; absent on the last page. */
  readonly next?: string;
}

/** Where to go on: at this key, or behind it. */
interface Position {
  readonly key: string;
  readonly inclusive: boolean;
}

/** Lists in the byte order of UTF-8. A rolled-up prefix costs one seek, however many keys stand under it. */
export function objectLister(database: DatabaseSync): (request: ListingRequest) => Listing {
  const columns = 'key, size_bytes, etag, modified_at, storage_class';
  const from = database.prepare(
    `SELECT ${columns} FROM objects WHERE bucket_id = ? AND key >= ? ORDER BY key`,
  );
  const behind = database.prepare(
    `SELECT ${columns} FROM objects WHERE bucket_id = ? AND key > ? ORDER BY key`,
  );

  return ({ bucketId, prefix, delimiter, after, limit }) => {
    const objects: ListedObject[] = [];
    const prefixes: string[] = [];
    let last = '';
    let position = start(prefix, delimiter, after);
    seek: while (position) {
      const statement = position.inclusive ? from : behind;
      for (const row of statement.iterate(bucketId, position.key)) {
        const key = text(row['key']);
        if (!key.startsWith(prefix)) break;
        if (objects.length + prefixes.length === limit) return { objects, prefixes, next: last };
        const rolledUp = rollUp(key, prefix, delimiter);
        if (rolledUp !== undefined) {
          prefixes.push(rolledUp);
          last = rolledUp;
          position = behindPrefix(rolledUp);
          continue seek;
        }
        objects.push({
          key,
          sizeBytes: integer(row['size_bytes']),
          etag: text(row['etag']),
          modifiedAt: integer(row['modified_at']),
          storageClass: text(row['storage_class']),
        });
        last = key;
      }
      break;
    }
    return { objects, prefixes };
  };
}

function start(prefix: string, delimiter: string, after: string): Position | undefined {
  if (Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0) return { key: prefix, inclusive: true };
  const rolledUp = after.startsWith(prefix) ? rollUp(after, prefix, delimiter) : undefined;
  return rolledUp === undefined ? { key: after, inclusive: false } : behindPrefix(rolledUp);
}

function rollUp(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** The first place behind all keys that begin with the prefix. */
function behindPrefix(prefix: string): Position | undefined {
  const key = endOfPrefix(prefix);
  return key === undefined ? undefined : { key, inclusive: true };
}
