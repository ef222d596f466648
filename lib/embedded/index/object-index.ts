import { type Database, openDatabase } from '../../sqlite/database.ts';
import { type BucketSettingTable, bucketSettingTable } from './bucket-settings.ts';
import { type BucketTable, bucketTable } from './buckets.ts';
import { type ContentTable, contentTable } from './contents.ts';
import type { Encryption } from '../encryption/encryption.ts';
import { type DataKeyTable, dataKeyTable } from './data-keys.ts';
import { type EventTable, eventTable } from './events.ts';
import { migrate } from './migrations.ts';
import { type ObjectLister, objectLister, type VersionLister, versionLister } from './listing.ts';
import { type ObjectTable, objectTable } from './objects.ts';
import { type OlderVersionTable, olderVersionTable } from './older-versions.ts';
import { type ProgressTable, progressTable } from './progress.ts';
import { type RestoreTable, restoreTable } from './restores.ts';
import { schema } from './schema.ts';
import { seldomChanged } from './seldom-changed.ts';
import { followCommits, type SettledEvents } from './settled-events.ts';
import { type UploadTable, uploadTable } from './uploads.ts';
import { type VersionScan, versionScan } from './version-scan.ts';

/** What the store knows about its buckets, objects and uploads: SQLite with a write-ahead log. */
export interface ObjectIndex {
  readonly buckets: BucketTable;
  readonly settings: BucketSettingTable;
  readonly objects: ObjectTable;
  readonly olderVersions: OlderVersionTable;
  readonly contents: ContentTable;
  readonly dataKeys: DataKeyTable;
  readonly uploads: UploadTable;
  readonly events: EventTable;
  readonly progress: ProgressTable;
  readonly settledEvents: SettledEvents;
  readonly restores: RestoreTable;
  readonly versions: VersionScan;
  readonly list: ObjectLister;
  readonly listVersions: VersionLister;
  readonly commit: Database['commit'];
  /** For what causes no event. */
  readonly commitSoon: Database['commitSoon'];
  /** Waits for changes under way, then closes. */
  readonly close: Database['close'];
}

/**
 * Opens the index, with its tables made where the file is new, and brought up to date where it is older.
 *
 * @param encryption - of the bodies that the index itself holds
 */
export async function openObjectIndex(file: string, encryption: Encryption): Promise<ObjectIndex> {
  const { connection, commit, commitSoon, close } = await openDatabase(file, schema);
  try {
    migrate(connection);
    const events = eventTable(connection);
    const seldom = seldomChanged(connection);
    return {
      buckets: bucketTable(connection, seldom),
      settings: bucketSettingTable(connection, seldom),
      objects: objectTable(connection),
      olderVersions: olderVersionTable(connection),
      contents: contentTable(connection, encryption),
      dataKeys: dataKeyTable(connection),
      uploads: uploadTable(connection),
      events,
      progress: progressTable(connection),
      restores: restoreTable(connection),
      versions: versionScan(connection),
      list: objectLister(connection),
      listVersions: versionLister(connection),
      ...followCommits(commit, events),
      commitSoon,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
