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
    attempts INTEGER NOT NULL
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

export interface SqliteQueueOptions {
  /** Made when absent. One process at a time uses it. */
  readonly file: string;
  /** A message that has come so often is set aside instead of coming again. */
  readonly maxAttempts: number;
}

/** A queue in a SQLite file. What is acknowledged is on disk; calls that arrive together share a commit. */
export async function openSqliteQueue({ file, maxAttempts }: SqliteQueueOptions): Promise<Queue> {
  const { connection, commit, close } = await openDatabase(file, schema);
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
      arrivals.announce();
    },

    receive: async ({ limit, leaseSeconds, waitSeconds = 0, signal }) => {
      const waitUntil = Date.now() + waitSeconds * 1000;
      for (;;) {
        if (isClosed || signal?.aborted) return [];
        // Looking costs nothing; a commit would write to the disk whenever somebody asks an empty queue.
        const due = untilDueMilliseconds();
        const messages = due === 0 ? await commit(() => take(limit, leaseSeconds)) : [];
        const left = waitUntil - Date.now();
        if (messages.length > 0 || left <= 0) return messages;
        if (due > 0) await arrivals.next(Math.min(left, due), signal);
      }
    },

    extend: async ({ id, attempts }, leaseSeconds) => {
      await commit(() => statements.postpone.run({ id, attempts, dueAt: inSeconds(leaseSeconds) }));
    },

    done: async ({ id, attempts }) => {
      await commit(() => statements.remove.run({ id, attempts }));
    },

    retry: async ({ id, attempts }, delaySeconds) => {
      await commit(() => statements.postpone.run({ id, attempts, dueAt: inSeconds(delaySeconds) }));
      arrivals.announce();
    },

    deadLetter: (message, reason) => commit(() => bury(message, reason)),

    deadLetters: async () => statements.deadLetters.all().map(readDeadLetter),

    redrive: async () => {
      const { changes } = await commit(() => {
        const redriven = statements.redrive.run({ now: Date.now() });
        statements.removeDead.run();
        return redriven;
      });
      arrivals.announce();
      return Number(changes);
    },

    close: async () => {
      isClosed = true;
      arrivals.announce();
      await close();
    },
  });
}

function prepareStatements(connection: DatabaseSync) {
  // A receipt counts until the next one: each raises the attempts, and a redriven message has another id.
  const received = 'id = :id AND attempts = :attempts';
  return {
    add: connection.prepare('INSERT INTO messages (body, due_at, attempts) VALUES (:body, :dueAt, 0)'),
    nextDue: connection.prepare('SELECT MIN(due_at) AS due_at FROM messages'),
    take: connection.prepare(
      `UPDATE messages SET attempts = attempts + 1, due_at = :dueAt
       WHERE id IN (SELECT id FROM messages WHERE due_at <= :now ORDER BY due_at, id LIMIT :limit)
       RETURNING id, body, attempts`,
    ),
    postpone: connection.prepare(`UPDATE messages SET due_at = :dueAt WHERE ${received}`),
    remove: connection.prepare(`DELETE FROM messages WHERE ${received}`),
    bury: connection.prepare(
      `INSERT INTO dead_letters (body, reason, died_at) SELECT body, :reason, :now FROM messages WHERE ${received}`,
    ),
    purge: connection.prepare('DELETE FROM dead_letters WHERE died_at < :before'),
    deadLetters: connection.prepare('SELECT body, reason FROM dead_letters ORDER BY id LIMIT 10'),
    redrive: connection.prepare(
      'INSERT INTO messages (body, due_at, attempts) SELECT body, :now, 0 FROM dead_letters ORDER BY id',
    ),
    removeDead: connection.prepare('DELETE FROM dead_letters'),
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
