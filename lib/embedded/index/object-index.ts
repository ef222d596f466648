import { type Database, openDatabase } from '../../sqlite/database.ts';
import { type BucketTable, bucketTable } from './buckets.ts';
import { type ContentTable, contentTable } from './contents.ts';
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
  readonly commit: Database['commit'];
  /** Waits for changes under way, then closes. */
  readonly close: Database['close'];
}

/** Opens the index, with its tables made where the file is new. */
export async function openObjectIndex(file: string): Promise<ObjectIndex> {
  const { connection, commit, close } = await openDatabase(file, schema);
  return {
    buckets: bucketTable(connection),
    objects: objectTable(connection),
    contents: contentTable(connection),
    uploads: uploadTable(connection),
    list: objectLister(connection),
    commit,
    close,
  };
}
