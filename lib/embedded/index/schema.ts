import { schemaVersion } from './migrations.ts';

/** What a version of a key is made of, whether it is the current one or not. */
const versionColumns = `
  bucket_id INTEGER NOT NULL REFERENCES buckets (id),
  key TEXT NOT NULL,
  version_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  is_delete_marker INTEGER NOT NULL,
  content_id INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  etag TEXT NOT NULL,
  modified_at INTEGER NOT NULL,
  storage_class TEXT NOT NULL,
  headers TEXT NOT NULL,
  tags TEXT NOT NULL,
  checksum TEXT,
  upload_id TEXT,
  lock TEXT,
  restore TEXT`;

/**
 * The index's tables. Times are milliseconds since 1970, keys compare as UTF-8 bytes (SQLite's BINARY collation).
 *
 * A *content* is the ordered list of pieces that make up a body: one for a plain object, many for one that came in
 * parts. An upload gathers the pieces of a content, and completing it only moves the content over to an object; a copy
 * lets two objects share one. `objects` holds what a plain read of a key finds and nothing else, so that a listing
 * never has to step over anything; what versioning keeps beside that, replaced versions and delete markers, is in
 * `older_versions`. Within a key, the version with the greatest sequence is the latest.
 */
export const schema = `
CREATE TABLE buckets (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  versioning TEXT NOT NULL
) STRICT;

CREATE TABLE bucket_settings (
  bucket_id INTEGER NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (bucket_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE objects (${versionColumns},
  PRIMARY KEY (bucket_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX objects_by_content ON objects (content_id);
CREATE INDEX objects_by_restore ON objects (restore ->> 'dueAt') WHERE restore IS NOT NULL;

CREATE TABLE older_versions (${versionColumns},
  PRIMARY KEY (bucket_id, key, sequence DESC),
  UNIQUE (bucket_id, key, version_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX older_versions_by_content ON older_versions (content_id);
CREATE INDEX older_versions_by_restore ON older_versions (restore ->> 'dueAt') WHERE restore IS NOT NULL;

CREATE TABLE pieces (
  content_id INTEGER NOT NULL,
  part_number INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  etag TEXT NOT NULL,
  checksum TEXT,
  received_at INTEGER NOT NULL,
  file TEXT NOT NULL,
  data_key BLOB,
  PRIMARY KEY (content_id, part_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE inline_bodies (
  content_id INTEGER PRIMARY KEY,
  body BLOB NOT NULL,
  data_key BLOB
) STRICT;

CREATE TABLE uploads (
  bucket_id INTEGER NOT NULL REFERENCES buckets (id),
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  content_id INTEGER NOT NULL,
  initiated_at INTEGER NOT NULL,
  storage_class TEXT NOT NULL,
  headers TEXT NOT NULL,
  tags TEXT NOT NULL,
  checksum_algorithm TEXT,
  checksum_type TEXT,
  lock TEXT,
  PRIMARY KEY (bucket_id, key, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  bucket TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE TABLE master_key (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE progress (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;

PRAGMA user_version = ${schemaVersion};
`;
