import type { Connection } from './connection.ts';

export interface UnfinishedUpload {
  readonly key: string;
  readonly storageUploadId: string;
  readonly initiatedAt: Date;
}

/** An object, or one of its versions. Delete markers are none. */
export interface ListedVersion {
  readonly key: string;
  /** `null` for the one that was there without versions. */
  readonly versionId: string;
  readonly sizeBytes: number;
}

/** Behind which upload, or version, a page begins. */
export interface UploadPosition {
  readonly key: string;
  readonly storageUploadId: string;
}

export interface VersionPosition {
  readonly key: string;
  readonly versionId: string;
}

export interface UploadPage {
  readonly uploads: readonly UnfinishedUpload[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: UploadPosition | undefined;
}

export interface VersionPage {
  readonly versions: readonly ListedVersion[];
  readonly next?: VersionPosition | undefined;
}

/** All that a bucket holds beside its current objects. Each throws {@link S3Error} for what storage refuses. */
export interface Inventory {
  /** Every page. */
  listMultipartUploads: (bucket: string, prefix: string) => Promise<UnfinishedUpload[]>;
  pageOfUploads: (
    bucket: string,
    query: { readonly limit: number; readonly after?: UploadPosition | undefined },
  ) => Promise<UploadPage>;
  pageOfVersions: (
    bucket: string,
    query: { readonly limit: number; readonly after?: VersionPosition | undefined },
  ) => Promise<VersionPage>;
}

/** What reads the pages is loaded when it is first needed: a cold start has no use for it. */
export function createInventory(connection: Connection): Inventory {
  const open = async () => (await import('./inventory-pages.ts')).openInventory(connection);
  return {
    listMultipartUploads: async (...query) => (await open()).listMultipartUploads(...query),
    pageOfUploads: async (...query) => (await open()).pageOfUploads(...query),
    pageOfVersions: async (...query) => (await open()).pageOfVersions(...query),
  };
}
