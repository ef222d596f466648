import type { DatabaseSync } from 'node:sqlite';
import { text } from '../../sqlite/rows.ts';

/** Reads and changes the `progress` table: where work stands that outlasts a process. Changes belong into a commit. */
export interface ProgressTable {
  /** The JSON document that was put last. */
  readonly find: (name: string) => string | undefined;
  readonly put: (name: string, document: string) => void;
}

export function progressTable(database: DatabaseSync): ProgressTable {
  const find = database.prepare('SELECT document FROM progress WHERE name = ?');
  const put = database.prepare('INSERT OR REPLACE INTO progress (name, document) VALUES (?, ?)');
  return {
    find: (name) => {
      const row = find.get(name);
      return row && text(row['document']);
    },
    put: (name, document) => void put.run(name, document),
  };
}
