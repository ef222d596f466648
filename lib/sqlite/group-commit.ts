import type { DatabaseSync } from 'node:sqlite';

/** Runs changes of a database so that whoever is told of one can rely on it. */
export interface GroupCommit {
  /**
   * Runs a change in a transaction and waits until it is on disk. What the change throws undoes that change alone
   * and is thrown on.
   *
   * @param change - only reads and changes the database: when another one of its transaction fails, it runs again
   */
  commit: <T>(change: () => T) => Promise<T>;
  /**
   * Runs a change as {@link GroupCommit.commit} does, but does not wait for the disk. A process that is killed loses nothing
   * of it; a machine that loses its power may, but never a change that was on disk before it.
   */
  commitSoon: <T>(change: () => T) => Promise<T>;
  /** Waits for all changes under way. */
  drained: () => Promise<void>;
}

/** A change that may be on disk, or not. */
export class UnsettledChange extends Error {
  override readonly name = 'UnsettledChange';
}

interface Waiting {
  /** Runs the change; gives what tells its caller. */
  readonly run: () => () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Group commit: all changes that arrive while one transaction is being synced share the next one.
 *
 * A COMMIT of SQLite that syncs (`synchronous=FULL`) holds up the event loop, and with it every other transfer, for
 * as long as the disk takes. So SQLite only appends to its write-ahead log (`synchronous=NORMAL`, which still syncs
 * log and database around each checkpoint), and the log is synced here, on a thread of the pool. Callers are told
 * after that, so the promise is the same as FULL's. Changes that need no sync do not wait for that of others, either.
 *
 * @param syncLog - brings the write-ahead log to disk
 */
export function createGroupCommit(database: DatabaseSync, syncLog: () => Promise<void>): GroupCommit {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const end = database.prepare('COMMIT');
  const savepoint = database.prepare('SAVEPOINT change');
  const release = database.prepare('RELEASE change');
  const undo = database.prepare('ROLLBACK TO change');
  let waiting: Waiting[] = [];
  let waitingForNoDisk: Waiting[] = [];
  let running: Promise<void> | undefined;
  let failure: Error | undefined;

  /** Runs all changes in one transaction. What one of them throws, or SQLite, undoes the whole of it. */
  function transact(changes: readonly (() => () => void)[]): (() => void)[] {
    begin.run();
    try {
      const tell = changes.map((change) => change());
      end.run();
      return tell;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Undoes a change that fails, and leaves those before it as they are. */
  function alone({ run, reject }: Waiting): () => void {
    savepoint.run();
    try {
      const settle = run();
      release.run();
      return settle;
    } catch (error) {
      // A full disk undoes the whole transaction at once.
      if (!database.isTransaction) throw error;
      undo.run();
      release.run();
      return () => reject(error);
    }
  }

  /** Few changes fail, and a savepoint takes a third of the time of a small one: so they come at the second try. */
  function transactAll(batch: readonly Waiting[]): (() => void)[] {
    if (failure) throw failure;
    try {
      return transact(batch.map(({ run }) => run));
    } catch {
      return transact(batch.map((waiting) => () => alone(waiting)));
    }
  }

  async function work(): Promise<void> {
    // Requests of the same turn of the event loop join the first batch.
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const tell = transactAll(batch);
        await syncLog().catch((error: unknown) => {
          // Nobody knows what of the log is on disk now, so nothing may be built on it.
          failure = new Error('The database could not be synced to disk and takes no more changes.', {
            cause: error,
          });
          throw new UnsettledChange(failure.message, { cause: error });
        });
        for (const settle of tell) settle();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = undefined;
  }

  function workWithoutDisk(): void {
    const batch = waitingForNoDisk;
    waitingForNoDisk = [];
    if (batch.length === 0) return;
    try {
      for (const settle of transactAll(batch)) settle();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return {
    commit: (change) =>
      new Promise((resolve, reject) => {
        waiting.push(toWaiting(change, resolve, reject));
        running ??= work();
      }),
    commitSoon: (change) =>
      new Promise((resolve, reject) => {
        waitingForNoDisk.push(toWaiting(change, resolve, reject));
        if (waitingForNoDisk.length === 1) setImmediate(workWithoutDisk);
      }),
    drained: async () => {
      workWithoutDisk();
      await running;
    },
  };
}

function toWaiting<T>(change: () => T, resolve: (result: T) => void, reject: Waiting['reject']): Waiting {
  return {
    run: () => {
      const result = change();
      return () => resolve(result);
    },
    reject,
  };
}
