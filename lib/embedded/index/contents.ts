import type { DatabaseSync } from 'node:sqlite';
import { bytes, integer, optional, text } from '../../sqlite/rows.ts';
import { decodeWhole, encodeWhole } from '../blobs/block-coding.ts';
import { type Encryption, placeOfInline } from '../encryption/encryption.ts';

/** One stretch of a content, in a file of its own. */
export interface Piece {
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** MD5 in hex. */
  readonly etag: string;
  /** In base64, of the algorithm that the upload has chosen; where it has chosen none, of the one that it came with. */
  readonly checksum?: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly file: string;
  /** Wrapped; absent where the file is not encrypted. */
  readonly dataKey?: Buffer;
}

/** A piece with the content that it belongs to. */
export interface StoredPiece extends Piece {
  readonly contentId: number;
}

/** A content that nothing refers to any more: its files may go. */
export interface FreedContent {
  readonly contentId: number;
  readonly files: readonly string[];
}

/** Reads and changes `pieces` and `inline_bodies`. Changes belong into a commit. */
export interface ContentTable {
  /** A number that no content of this process has had. */
  readonly newId: () => number;
  readonly addInline: (contentId: number, body: Buffer) => void;
  /** @throws `DamagedContent` */
  readonly inline: (contentId: number) => Buffer | undefined;
  /** Whether all that is stored of a content is encrypted. */
  readonly isEncrypted: (contentId: number) => boolean;
  /** Adds a piece. Gives the file of an earlier one with the same number, which nothing refers to now. */
  readonly putPiece: (contentId: number, piece: Piece) => string | undefined;
  /** In the order of their numbers, from the first after `afterNumber`. */
  readonly pieces: (contentId: number, afterNumber?: number, limit?: number) => Piece[];
  /** Those of all contents, in the order of contents and numbers. */
  readonly piecesAfter: (contentId: number, partNumber: number, limit: number) => StoredPiece[];
  /** The numbers of all contents whose bodies are in the index, in order. */
  readonly inlineAfter: (contentId: number, limit: number) => number[];
  readonly removePiece: (contentId: number, partNumber: number) => void;
  /** Forgets a content, if no object refers to it. */
  readonly free: (contentId: number) => FreedContent | undefined;
  readonly refersTo: (contentId: number, partNumber: number, file: string) => boolean;
}

export function contentTable(database: DatabaseSync, encryption: Encryption): ContentTable {
  const maximum = database.prepare(`
    SELECT max(
      coalesce((SELECT max(content_id) FROM objects), 0),
      coalesce((SELECT max(content_id) FROM older_versions), 0),
      coalesce((SELECT max(content_id) FROM pieces), 0),
      coalesce((SELECT max(content_id) FROM inline_bodies), 0),
      coalesce((SELECT max(content_id) FROM uploads), 0)) AS id`);
  const addInline = database.prepare(
    'INSERT INTO inline_bodies (content_id, body, data_key) VALUES (?, ?, ?)',
  );
  const inline = database.prepare('SELECT body, data_key FROM inline_bodies WHERE content_id = ?');
  const dropInline = database.prepare('DELETE FROM inline_bodies WHERE content_id = ?');
  const piece = database.prepare('SELECT * FROM pieces WHERE content_id = ? AND part_number = ?');
  const pieces = database.prepare(
    'SELECT * FROM pieces WHERE content_id = ? AND part_number > ? ORDER BY part_number LIMIT ?',
  );
  const piecesAfter = database.prepare(
    'SELECT * FROM pieces WHERE (content_id, part_number) > (?, ?) ORDER BY content_id, part_number LIMIT ?',
  );
  const inlineAfter = database.prepare(
    'SELECT content_id FROM inline_bodies WHERE content_id > ? ORDER BY content_id LIMIT ?',
  );
  const putPiece = database.prepare(
    'INSERT OR REPLACE INTO pieces (content_id, part_number, size_bytes, etag, checksum, received_at, file, data_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const removePiece = database.prepare('DELETE FROM pieces WHERE content_id = ? AND part_number = ?');
  const dropPieces = database.prepare('DELETE FROM pieces WHERE content_id = ? RETURNING file');
  const reference = database.prepare(
    'SELECT 1 FROM objects WHERE content_id = ?1 UNION ALL SELECT 1 FROM older_versions WHERE content_id = ?1 LIMIT 1',
  );
  const plainPart = database.prepare(`
    SELECT 1 FROM inline_bodies WHERE content_id = ?1 AND data_key IS NULL
    UNION ALL
    SELECT 1 FROM pieces WHERE content_id = ?1 AND data_key IS NULL LIMIT 1`);
  let lastId = integer(maximum.get()?.['id']);

  return {
    newId: () => (lastId += 1),
    addInline: (contentId, body) => {
      const { coding, dataKeyFor } = encryption.begin();
      const dataKey = dataKeyFor(placeOfInline(contentId)) ?? null;
      addInline.run(contentId, encodeWhole(coding, body), dataKey);
    },
    inline: (contentId) => {
      const row = inline.get(contentId);
      if (!row) return undefined;
      const dataKey = optional(row['data_key'], bytes);
      return decodeWhole(encryption.codingOf(placeOfInline(contentId), dataKey), bytes(row['body']));
    },
    isEncrypted: (contentId) => plainPart.get(contentId) === undefined,
    putPiece: (
      contentId,
      { partNumber, sizeBytes, etag, checksum = null, receivedAt, file, dataKey = null },
    ) => {
      const earlier = piece.get(contentId, partNumber);
      putPiece.run(contentId, partNumber, sizeBytes, etag, checksum, receivedAt, file, dataKey);
      return earlier && text(earlier['file']);
    },
    pieces: (contentId, afterNumber = 0, limit = -1) =>
      pieces.all(contentId, afterNumber, limit).map((row) => readPiece(row)),
    piecesAfter: (contentId, partNumber, limit) =>
      piecesAfter
        .all(contentId, partNumber, limit)
        .map((row) => ({ ...readPiece(row), contentId: integer(row['content_id']) })),
    inlineAfter: (contentId, limit) =>
      inlineAfter.all(contentId, limit).map((row) => integer(row['content_id'])),
    removePiece: (contentId, partNumber) => void removePiece.run(contentId, partNumber),
    free: (contentId) => {
      if (reference.get(contentId)) return undefined;
      // A body is in the index or in files, never in both.
      if (dropInline.run(contentId).changes > 0) return { contentId, files: [] };
      return { contentId, files: dropPieces.all(contentId).map((row) => text(row['file'])) };
    },
    refersTo: (contentId, partNumber, file) => piece.get(contentId, partNumber)?.['file'] === file,
  };
}

function readPiece(row: ReturnType<ReturnType<DatabaseSync['prepare']>['all']>[number]): Piece {
  const checksum = optional(row['checksum'], text);
  const dataKey = optional(row['data_key'], bytes);
  return {
    partNumber: integer(row['part_number']),
    sizeBytes: integer(row['size_bytes']),
    etag: text(row['etag']),
    ...(checksum !== undefined && { checksum }),
    receivedAt: integer(row['received_at']),
    file: text(row['file']),
    ...(dataKey && { dataKey }),
  };
}
