import { endOfPrefix } from '../../sqlite/prefix-end.ts';

/** What a page of a listing shall hold. */
export interface PageRequest {
  readonly prefix: string;
  /** Keys that share the text up to its first occurrence behind the prefix are rolled up. Empty: none. */
  readonly delimiter: string;
  /** The page begins behind this key, or behind all keys that this rolled-up prefix stands for. */
  readonly after: string;
  /** At least 1. */
  readonly limit: number;
  /** Keys that begin so are passed over. Default: none. */
  readonly hidden?: string | undefined;
}

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly prefixes: readonly string[];
  /** What the next page begins after: a key or a rolled-up prefix. Absent on the last page. */
  readonly next?: string;
}

/** Where to go on: at this key, or behind it. */
export interface Position {
  readonly key: string;
  readonly inclusive: boolean;
}

/**
 * Makes a page in the byte order of UTF-8. A rolled-up prefix costs one seek, however many keys stand under it.
 *
 * @param read - reads on from a position to the end of the bucket
 */
export function makePage<Entry extends { readonly key: string }>(
  { prefix, delimiter, after, limit, hidden }: PageRequest,
  read: (position: Position) => Iterable<Entry>,
): Page<Entry> {
  const entries: Entry[] = [];
  const prefixes: string[] = [];
  let last = '';
  let position = start(prefix, delimiter, after);
  seek: while (position) {
    for (const entry of read(position)) {
      const { key } = entry;
      if (!key.startsWith(prefix)) break;
      if (hidden !== undefined && key.startsWith(hidden)) {
        position = behindPrefix(hidden);
        continue seek;
      }
      if (entries.length + prefixes.length === limit) return { entries, prefixes, next: last };
      const rolledUp = rollUp(key, prefix, delimiter);
      if (rolledUp !== undefined) {
        prefixes.push(rolledUp);
        last = rolledUp;
        position = behindPrefix(rolledUp);
        continue seek;
      }
      entries.push(entry);
      last = key;
    }
    break;
  }
  return { entries, prefixes };
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
