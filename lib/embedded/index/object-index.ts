import { open } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { type BucketTable, bucketTable } from './buckets.ts';
import { type ContentTable, contentTable } from './contents.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { type Listing, type ListingRequest, objectLister } from './listing.ts';
import { type ObjectTable, objectTable } from './objects.ts';
import { schema } from './schema.ts';
import { type UploadTable, uploadTable } from './uploads.ts';

/** What the store knows about its buckets, objects and uploads: SQLite with a write-ahead log. */
export interface ObjectIndex {
  readonly buckets: BucketTable;
  readonly objects: ObjectTable;
  readonly contents: ContentTable;
  readonly uploads: UploadTable;
  readonly list: (request: ListingRequest) => Listing;
  readonly commit: GroupCommit['commit'];
  /** Waits for changes under way, then closes. */
  readonly close: () => Promise<void>;
}

/** Opens the index, with its tables made where the file is new. */
export async function openObjectIndex(file: string): Promise<ObjectIndex> {
  const database = new DatabaseSync(file, { timeout: 0 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF');
  if (database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined) {
    database.exec(`BEGIN; ${schema} COMMIT`);
  }
  const log = await open(`${file}-wal`, 'r+');
  await log.datasync();
  const { commit, drained } = createGroupCommit(database, () => log.datasync());
  return {
    buckets: bucketTable(database),
    objects: objectTable(database),
    contents: contentTable(database),
    uploads: uploadTable(database),
    list: objectLister(database),
    commit,
    close: async () => {
      await drained();
      await log.close();
      database.close();
    },
  };
}
