import { open } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';

/** A SQLite file with a write-ahead log, opened for one room of the service. */
export interface Database {
  /** For reading, and for statements that run inside a commit. */
  readonly connection: DatabaseSync;
  readonly commit: GroupCommit['commit'];
  readonly commitSoon: GroupCommit['commitSoon'];
  /** Waits for changes under way, then closes. */
  readonly close: () => Promise<void>;
}

/** Pages of 4 KiB in the log. A checkpoint waits for the disk, so it comes a quarter as often as SQLite's own default has it. */
const checkpointPages = 4000;

/**
 * Opens a database file.
 *
 * @param schema - statements that make the tables of a new file
 * @param busyMilliseconds - how long to wait, and hold everything up, while another process writes to it. Default: not at all
 */
export async function openDatabase(file: string, schema: string, busyMilliseconds = 0): Promise<Database> {
  const connection = new DatabaseSync(file, { timeout: busyMilliseconds });
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF');
  connection.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
  if (connection.prepare('SELECT 1 FROM sqlite_schema').get() === undefined) {
    connection.exec(`BEGIN; ${schema} COMMIT`);
  }
  const log = await open(`${file}-wal`, 'r+');
  await log.datasync();
  const { commit, commitSoon, drained } = createGroupCommit(connection, () => log.datasync());
  return {
    connection,
    commit,
    commitSoon,
    close: async () => {
      await drained();
      await log.close();
      connection.close();
    },
  };
}
