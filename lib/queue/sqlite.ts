import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { openDatabase } from '../sqlite/database.ts';
import { integer, optional, text } from '../sqlite/rows.ts';
import { createArrivals } from './arrivals.ts';
import { cameTooOften, type DeadLetter, type Message, type NewMessage, type Queue } from './port.ts';
import { createQueue } from './queue.ts';

/** A message is due when it may be received: after its delay, or when the lease of its last receipt is over. */
const schema = `
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    is_leased INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX due ON messages (due_at);
  CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    reason TEXT NOT NULL,
    died_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX died ON dead_letters (died_at);
`;

const deadLetterDays = 14;
/** So many are redriven in one commit. */
const redriveBatch = 200;
/** As long as another process may take for a commit: an operator's, that redrives. */
const busyMilliseconds = 200;

export interface SqliteQueueOptions {
  /** Made when absent. One process at a time uses it. */
  readonly file: string;
  /** A message that has come so often is set aside instead of coming again. */
  readonly maxAttempts: number;
  /**
   * Nobody else works on the file, so a lease is that of a worker that has died: its message comes again at once.
   * Default: when the lease is over.
   */
  readonly takesOver?: boolean;
}

/**
 * A queue in a SQLite file. What was sent is on disk; calls that arrive together share a commit. What else happens to a
 * message does not wait for the disk: if the power fails, the message comes once more, as it may at any time.
 */
export async function openSqliteQueue(options: SqliteQueueOptions): Promise<Queue> {
  const { file, maxAttempts, takesOver = false } = options;
  const { connection, commit, commitSoon, close } = await openDatabase(file, schema, busyMilliseconds);
  addLeases(connection);
  if (takesOver) connection.prepare(giveBack).run({ now: Date.now() });
  const statements = prepareStatements(connection);
  const arrivals = createArrivals();
  let isClosed = false;

  function add({ body, delaySeconds = 0 }: NewMessage): void {
    statements.add.run({ body, dueAt: inSeconds(delaySeconds) });
  }

  /** In a commit. */
  function bury({ id, attempts }: Message, reason: string): void {
    statements.purge.run({ before: inSeconds(-deadLetterDays * 86_400) });
    statements.bury.run({ id, attempts, reason, now: Date.now() });
    statements.remove.run({ id, attempts });
  }

  /** In a commit. */
  function redriveOldest(limit: number): void {
    const upTo = optional(statements.lastOfOldestDead.get({ limit })?.['id'], integer) ?? 0;
    statements.redrive.run({ upTo, now: Date.now() });
    statements.removeDead.run({ upTo });
  }

  /** In a commit. */
  function take(limit: number, leaseSeconds: number): readonly Message[] {
    const due = statements.take.all({ now: Date.now(), limit, dueAt: inSeconds(leaseSeconds) });
    const messages = due.map(readMessage).toSorted((a, b) => Number(a.id) - Number(b.id));
    const [worn = [], living = []] = [true, false].map((isWorn) =>
      messages.filter(({ attempts }) => attempts > maxAttempts === isWorn),
    );
    for (const message of worn) bury(message, cameTooOften);
    return living.length === 0 && worn.length > 0 ? take(limit, leaseSeconds) : living;
  }

  /** How long it is until a message may be received: 0 when there is one now. */
  function untilDueMilliseconds(): number {
    const dueAt = optional(statements.nextDue.get()?.['due_at'], integer);
    return dueAt === undefined ? Infinity : Math.max(0, dueAt - Date.now());
  }

  return createQueue({
    send: async (messages) => {
      await commit(() => messages.forEach(add));
      arrivals.announceToOne();
    },

    receive: async ({ limit, leaseSeconds, waitSeconds = 0, signal }) => {
      const waitUntil = Date.now() + waitSeconds * 1000;
      for (;;) {
        if (isClosed || signal?.aborted) {
          // Whoever was woken by a message passes it on.
          arrivals.announceToOne();
          return [];
        }
        // Looking costs nothing; a commit would write to the disk whenever somebody asks an empty queue.
        const due = untilDueMilliseconds();
        const messages = due === 0 ? await commitSoon(() => take(limit, leaseSeconds)) : [];
        const left = waitUntil - Date.now();
        // There may be more, now or at some time that the next one has to know of.
        if (messages.length > 0) arrivals.announceToOne();
        if (messages.length > 0 || left <= 0) return messages;
        if (due > 0) await arrivals.next(Math.min(left, due), signal);
      }
    },

    extend: async ({ id, attempts }, leaseSeconds) => {
      await commitSoon(() => statements.extend.run({ id, attempts, dueAt: inSeconds(leaseSeconds) }));
    },

    done: async ({ id, attempts }) => {
      await commitSoon(() => statements.remove.run({ id, attempts }));
    },

    retry: async ({ id, attempts }, delaySeconds) => {
      await commitSoon(() => statements.postpone.run({ id, attempts, dueAt: inSeconds(delaySeconds) }));
      arrivals.announceToOne();
    },

    deadLetter: (message, reason) => commitSoon(() => bury(message, reason)),

    deadLetters: async () => statements.deadLetters.all().map(readDeadLetter),

    redrive: async () => {
      // Those that are set aside again meanwhile are for the next time.
      const count = integer(statements.countDead.get()?.['count']);
      for (let done = 0; done < count; done += redriveBatch) {
        await commit(() => redriveOldest(Math.min(redriveBatch, count - done)));
      }
      arrivals.announce();
      return count;
    },

    close: async () => {
      isClosed = true;
      arrivals.announce();
      await close();
    },
  });
}

const giveBack = 'UPDATE messages SET due_at = :now, is_leased = 0 WHERE is_leased';

/** Files of earlier releases do not tell a message that is leased from one that waits. */
function addLeases(connection: DatabaseSync): void {
  const hasLeases = "SELECT 1 FROM pragma_table_info('messages') WHERE name = 'is_leased'";
  if (connection.prepare(hasLeases).get()) return;
  connection.exec('ALTER TABLE messages ADD COLUMN is_leased INTEGER NOT NULL DEFAULT 0');
}

function prepareStatements(connection: DatabaseSync) {
  // A receipt counts until the next one: each raises the attempts, and a redriven message has another id.
  const received = 'id = :id AND attempts = :attempts';
  return {
    add: connection.prepare('INSERT INTO messages (body, due_at, attempts) VALUES (:body, :dueAt, 0)'),
    nextDue: connection.prepare('SELECT MIN(due_at) AS due_at FROM messages'),
    take: connection.prepare(
      `UPDATE messages SET attempts = attempts + 1, due_at = :dueAt, is_leased = 1
       WHERE id IN (SELECT id FROM messages WHERE due_at <= :now ORDER BY due_at, id LIMIT :limit)
       RETURNING id, body, attempts`,
    ),
    extend: connection.prepare(`UPDATE messages SET due_at = :dueAt WHERE ${received}`),
    postpone: connection.prepare(`UPDATE messages SET due_at = :dueAt, is_leased = 0 WHERE ${received}`),
    remove: connection.prepare(`DELETE FROM messages WHERE ${received}`),
    bury: connection.prepare(
      `INSERT INTO dead_letters (body, reason, died_at) SELECT body, :reason, :now FROM messages WHERE ${received}`,
    ),
    purge: connection.prepare('DELETE FROM dead_letters WHERE died_at < :before'),
    deadLetters: connection.prepare('SELECT body, reason FROM dead_letters ORDER BY id LIMIT 10'),
    countDead: connection.prepare('SELECT COUNT(*) AS count FROM dead_letters'),
    lastOfOldestDead: connection.prepare(
      'SELECT MAX(id) AS id FROM (SELECT id FROM dead_letters ORDER BY id LIMIT :limit)',
    ),
    redrive: connection.prepare(
      `INSERT INTO messages (body, due_at, attempts)
       SELECT body, :now, 0 FROM dead_letters WHERE id <= :upTo ORDER BY id`,
    ),
    removeDead: connection.prepare('DELETE FROM dead_letters WHERE id <= :upTo'),
  };
}

function inSeconds(seconds: number): number {
  return Date.now() + seconds * 1000;
}

function readMessage(row: Record<string, SQLOutputValue>): Message {
  const id = String(integer(row['id']));
  const attempts = integer(row['attempts']);
  return { id, body: text(row['body']), attempts, receipt: `${id}.${attempts}` };
}

function readDeadLetter(row: Record<string, SQLOutputValue>): DeadLetter {
  return { body: text(row['body']), reason: text(row['reason']) };
}
