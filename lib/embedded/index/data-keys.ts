import type { DatabaseSync } from 'node:sqlite';
import { bytes, integer, text } from '../../sqlite/rows.ts';
import { placeOfInline, placeOfPiece } from '../encryption/encryption.ts';

/** The wrapped keys of all that is encrypted, and the master key that wraps them. Changes belong into a commit. */
export interface DataKeyTable {
  /** Nothing where no master key was ever given. */
  readonly masterKeyId: () => string | undefined;
  readonly setMasterKeyId: (id: string) => void;
  /**
   * Replaces every key.
   *
   * @param wrap - is given the place that a key belongs to
   * @returns how many there are
   */
  readonly replaceAll: (wrap: (place: string, dataKey: Buffer) => Buffer) => number;
}

/** Rows in memory at a time. */
const pageSize = 1000;

export function dataKeyTable(database: DatabaseSync): DataKeyTable {
  const masterKey = database.prepare('SELECT id FROM master_key');
  const forgetMasterKey = database.prepare('DELETE FROM master_key');
  const addMasterKey = database.prepare('INSERT INTO master_key (id) VALUES (?)');
  const pieces = database.prepare(`
    SELECT content_id, part_number, file, size_bytes, data_key FROM pieces
    WHERE (content_id, part_number) > (?, ?) AND data_key IS NOT NULL
    ORDER BY content_id, part_number LIMIT ${pageSize}`);
  const setOfPiece = database.prepare(
    'UPDATE pieces SET data_key = ? WHERE content_id = ? AND part_number = ?',
  );
  const inlines = database.prepare(`
    SELECT content_id, data_key FROM inline_bodies WHERE content_id > ? AND data_key IS NOT NULL
    ORDER BY content_id LIMIT ${pageSize}`);
  const setOfInline = database.prepare('UPDATE inline_bodies SET data_key = ? WHERE content_id = ?');

  return {
    masterKeyId: () => {
      const row = masterKey.get();
      return row && text(row['id']);
    },
    setMasterKeyId: (id) => {
      forgetMasterKey.run();
      addMasterKey.run(id);
    },
    replaceAll: (wrap) => {
      let count = 0;
      for (let last = [0, 0]; ;) {
        const page = pieces.all(...last);
        for (const row of page) {
          const contentId = integer(row['content_id']);
          const partNumber = integer(row['part_number']);
          const file = text(row['file']);
          const place = placeOfPiece({ partNumber, file, sizeBytes: integer(row['size_bytes']) });
          setOfPiece.run(wrap(place, bytes(row['data_key'])), contentId, partNumber);
          last = [contentId, partNumber];
        }
        count += page.length;
        if (page.length === 0) break;
      }
      for (let last = 0; ;) {
        const page = inlines.all(last);
        for (const row of page) {
          last = integer(row['content_id']);
          setOfInline.run(wrap(placeOfInline(last), bytes(row['data_key'])), last);
        }
        count += page.length;
        if (page.length === 0) break;
      }
      return count;
    },
  };
}
