import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { openDatabase } from '../sqlite/database.ts';
import { endOfPrefix } from '../sqlite/prefix-end.ts';
import { integer, optional, text } from '../sqlite/rows.ts';
import { changed } from './change.ts';
import { fromEpochSeconds, passedSeconds, toEpochSeconds } from './epoch-seconds.ts';
import { pageOf, stretchOf } from './page.ts';
import type { Outcome } from './database.ts';
import type { Change, Counters, ListQuery, RecordPage, Records, StoredRecord } from './port.ts';
import { createRecords } from './records.ts';

/** Texts are compared byte by byte (SQLite's BINARY, the default) in UTF-8 (its default, too). */
const schema = `
  CREATE TABLE records (
    partition TEXT NOT NULL,
    sort TEXT NOT NULL,
    version TEXT NOT NULL,
    value TEXT NOT NULL,
    counters TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (partition, sort)
  ) STRICT;
  CREATE INDEX expiring ON records (expires_at) WHERE expires_at IS NOT NULL;
`;

/**
 * Each change takes so many expired records away, so that they go faster than they come, whatever the rate, and nobody
 * waits for more than these few.
 */
const purgedPerChange = 10;

/** Behind every sort key: they have at most 1,024 bytes. */
const behindAll = '\u{10ffff}'.repeat(257);

export interface SqliteRecordsOptions {
  /** Made when absent. One process at a time writes to it. */
  readonly file: string;
  /** Default: the system clock. */
  readonly now?: () => Date;
}

/** Records in a SQLite file. A write is acknowledged when it is on disk; writes that arrive together share a commit. */
export async function openSqliteRecords(options: SqliteRecordsOptions): Promise<Records> {
  const { file, now = () => new Date() } = options;
  const { connection, commit, close } = await openDatabase(file, schema);
  const statements = prepareStatements(connection);

  function find(partition: string, sort: string): StoredRecord | undefined {
    const row = statements.find.get({ partition, sort, now: passedSeconds(now()) });
    return row && readRow(row);
  }

  function page(partition: string, query: ListQuery): RecordPage {
    const stretch = stretchOf(query);
    if (!stretch) return { records: [] };
    const { prefix, behind } = stretch;
    const { limit, descending = false } = query;
    const found = (descending ? statements.pageBackwards : statements.page).all({
      partition,
      // The first text behind another is that one and NUL.
      from: behind === undefined || descending ? prefix : `${behind}\0`,
      to: behind !== undefined && descending ? behind : (endOfPrefix(prefix) ?? behindAll),
      now: passedSeconds(now()),
      limit: limit + 1,
    });
    return pageOf(found.map(readRow), limit);
  }

  /** @throws Refusal */
  function apply(change: Change, version: string, index: number): Counters {
    const { partition, sort } = change;
    const current = dependsOnCurrent(change) ? find(partition, sort) : undefined;
    const content = changed(current, change);
    if (content === 'refused') throw new Refusal(index, current);
    if (content === 'deleted') {
      statements.remove.run({ partition, sort });
      return {};
    }
    statements.store.run({
      partition,
      sort,
      version,
      value: JSON.stringify(content.value),
      counters: JSON.stringify(content.counters),
      expiresAt: content.expiresAt ? toEpochSeconds(content.expiresAt) : null,
    });
    return content.counters;
  }

  function purge(limit: number): void {
    const time = passedSeconds(now());
    if (statements.findExpired.get({ now: time })) statements.purge.run({ now: time, limit });
  }

  async function write(changes: readonly Change[], version: string): Promise<Outcome> {
    try {
      const [counters = {}] = await commit(() => {
        purge(purgedPerChange * changes.length);
        return changes.map((change, index) => apply(change, version, index));
      });
      return { done: true, counters };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { done: false, refused: error.index, current: error.current };
    }
  }

  return createRecords({
    find: async (partition, sort) => find(partition, sort),
    page: async (partition, query) => page(partition, query),
    write,
    close,
  });
}

function dependsOnCurrent(change: Change): boolean {
  return change.action === 'add' || change.condition !== undefined;
}

/** Thrown so that a commit undoes what the changes before the refused one have done. */
class Refusal extends Error {
  readonly index: number;
  readonly current: StoredRecord | undefined;

  constructor(index: number, current: StoredRecord | undefined) {
    super('refused');
    this.index = index;
    this.current = current;
  }
}

function prepareStatements(connection: DatabaseSync) {
  const living = '(expires_at IS NULL OR expires_at > :now)';
  const stretch = `SELECT * FROM records
    WHERE partition = :partition AND sort >= :from AND sort < :to AND ${living}`;
  return {
    find: connection.prepare(
      `SELECT * FROM records WHERE partition = :partition AND sort = :sort AND ${living}`,
    ),
    page: connection.prepare(`${stretch} ORDER BY sort LIMIT :limit`),
    pageBackwards: connection.prepare(`${stretch} ORDER BY sort DESC LIMIT :limit`),
    store: connection.prepare(
      `INSERT OR REPLACE INTO records (partition, sort, version, value, counters, expires_at)
       VALUES (:partition, :sort, :version, :value, :counters, :expiresAt)`,
    ),
    remove: connection.prepare('DELETE FROM records WHERE partition = :partition AND sort = :sort'),
    findExpired: connection.prepare('SELECT 1 FROM records WHERE expires_at <= :now LIMIT 1'),
    purge: connection.prepare(
      `DELETE FROM records WHERE rowid IN (SELECT rowid FROM records WHERE expires_at <= :now LIMIT :limit)`,
    ),
  };
}

function readRow(row: Record<string, SQLOutputValue>): StoredRecord {
  const expiresAt = optional(row['expires_at'], integer);
  return {
    partition: text(row['partition']),
    sort: text(row['sort']),
    version: text(row['version']),
    value: JSON.parse(text(row['value'])),
    counters: JSON.parse(text(row['counters'])),
    ...(expiresAt !== undefined && { expiresAt: fromEpochSeconds(expiresAt) }),
  };
}
