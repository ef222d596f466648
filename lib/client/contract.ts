/**
 * What the service takes and gives, as `/openapi.json` describes it. Written by hand, so that the client depends on
 * nothing; the tests run it against the service. Times are RFC 3339 UTC, cursors and ids opaque.
 */

export type Action = 'read' | 'write' | 'delete' | 'list' | 'admin';

/** What a principal may do where. */
export interface Grant {
  /** A denial goes before whatever allows the same. Default: `allow`. */
  readonly effect?: 'allow' | 'deny';
  readonly bucket: string;
  /** `mine/` covers the keys that begin with it, so not `mine`. Default: every key. */
  readonly prefix?: string;
  readonly actions: readonly Action[];
  readonly maxObjectBytes?: number;
  readonly contentTypes?: readonly string[];
}

/** The caller, as the service sees it. */
export interface Me {
  readonly principal: { readonly kind: string; readonly sub: string };
  readonly tenant?: string;
  readonly grants: readonly Grant[];
  /** When the credential stops working; absent when it does not. */
  readonly expiresAt?: string;
  readonly serverTime: string;
}

/** An OpenID provider that a person may sign in with, by the authorization code flow with PKCE. */
export interface SignInProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** What the access token must be for. */
  readonly audience: string;
  readonly scope: string;
}

/** A bucket that the caller may see, with its rules. */
export interface Bucket {
  readonly name: string;
  readonly maxObjectBytes: number;
  readonly contentTypes: readonly string[];
  readonly versioning: boolean;
  /** For how long an unfinished upload can be resumed. */
  readonly abandonedUploadDays: number;
}

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: string;
  readonly storageClass: string;
}

export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** With a delimiter: the common beginnings of the keys behind it, each ending in the delimiter. */
  readonly prefixes: readonly string[];
  /** Gives the next page; absent on the last. */
  readonly cursor?: string;
}

/** An object that an upload has become. */
export interface CompletedUpload {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly versionId?: string;
  readonly contentType: string;
  readonly checksum?: Checksum;
  readonly lastModified: string;
}

/** What is known of an object beside its bytes. */
export interface ObjectDetails {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly versionId?: string;
  readonly contentType: string;
  readonly lastModified: string;
  readonly storageClass: string;
  /** Of an archived object: the copy that can be read, or is on its way. */
  readonly restore?: { readonly inProgress: boolean; readonly availableUntil?: string };
  readonly metadata: Readonly<Record<string, string>>;
  /** Base64 by algorithm, as far as storage keeps them. */
  readonly checksums: Readonly<Record<string, string>>;
}

export interface Checksum {
  readonly algorithm: string;
  /** Base64, as S3 writes it. */
  readonly value: string;
}

/** A refusal inside the results of a batch. */
export interface ItemError {
  readonly code: string;
  readonly detail: string;
}

export type DeleteResult =
  | { readonly key: string; readonly deleted: true; readonly error?: never }
  | { readonly key: string; readonly deleted?: never; readonly error: ItemError };

export type RestoreResult =
  | { readonly key: string; readonly state: 'restoring' | 'restored'; readonly error?: never }
  | { readonly key: string; readonly state?: never; readonly error: ItemError };

/** A rule by which objects expire, move to another storage class, or are tidied up. Times are midnights UTC. */
export interface LifecycleRule {
  /** Default: one that the service makes. */
  readonly id?: string;
  /** Default: true. */
  readonly enabled?: boolean;
  /** Default: every key. */
  readonly prefix?: string;
  /** An object must have all of them. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly sizeGreaterThanBytes?: number;
  readonly sizeLessThanBytes?: number;
  readonly expireAfterDays?: number;
  readonly expireAt?: string;
  readonly removeExpiredDeleteMarkers?: boolean;
  readonly transitions?: readonly {
    readonly afterDays?: number;
    readonly at?: string;
    readonly storageClass: string;
  }[];
  readonly noncurrentVersions?: {
    readonly expireAfterDays?: number;
    readonly keepNewest?: number;
    readonly transitions?: readonly {
      readonly afterDays: number;
      readonly keepNewest?: number;
      readonly storageClass: string;
    }[];
  };
  readonly abortUploadsAfterDays?: number;
}

export interface DownloadItem {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
  /** The name under which a browser saves the object; default: the last segment of the key. */
  readonly filename?: string;
  readonly disposition?: 'inline' | 'attachment';
}

export interface SignedDownload {
  readonly bucket: string;
  readonly key: string;
  readonly url: string;
  /** When the URL stops working; may be sooner than asked for. */
  readonly expiresAt: string;
  readonly error?: never;
}

export type DownloadResult =
  | SignedDownload
  | {
      readonly bucket: string;
      readonly key: string;
      readonly url?: never;
      readonly error: ItemError;
    };

/** What opens every object of a prefix at the CDN: cookies, or the same as a query. */
export interface CdnCookies {
  readonly bucket: string;
  readonly prefix: string;
  /** What the addresses begin with; the rest of a key comes behind it, percent-encoded. */
  readonly urlPrefix: string;
  readonly expiresAt: string;
  /** By CloudFront's names. A browser has them from the answer itself, where no script can read them. */
  readonly cookies: Readonly<Record<string, string>>;
  /** For players and programs without cookies: to be put behind each address. */
  readonly query: string;
}

/** What a tenant takes of a bucket that has a quota. */
export interface Usage {
  /** Empty for the callers without a tenant, who count together. */
  readonly tenant: string;
  readonly bucket: string;
  readonly bytes: number;
  readonly objects: number;
  /** What uploads under way may still come to hold. */
  readonly reservedBytes: number;
  readonly maxBytes?: number;
  readonly maxObjects?: number;
}

/** What came and went on one day (UTC). */
export interface UsageDay {
  /** `2026-11-25` */
  readonly day: string;
  readonly tenant: string;
  readonly bucket: string;
  readonly addedBytes: number;
  readonly addedObjects: number;
  readonly removedBytes: number;
  readonly removedObjects: number;
}

export interface TokenRequest {
  /** A subset of the caller's own. */
  readonly grants: readonly Grant[];
  /** Default: 900. */
  readonly expiresInSeconds?: number;
  /** Whom the token is for: fills `${sub}` in a grant's prefix. */
  readonly sub?: string;
  /** Fills `${tenant}`. */
  readonly tenant?: string;
  /** Good for one upload or one download: with a single grant, which allows either `read` or `write`. */
  readonly singleUse?: boolean;
}

export interface DelegatedToken {
  /** To revoke the token by. */
  readonly tokenId: string;
  readonly token: string;
  readonly expiresAt: string;
  readonly grants: readonly Grant[];
}

export interface KeyRequest {
  /** For people. */
  readonly name: string;
  /** A subset of the caller's own; prefixes may hold `${tenant}`, and `${sub}` for the key's id. */
  readonly grants: readonly Grant[];
  readonly tenant?: string;
  /** Default: never. */
  readonly expiresInSeconds?: number;
}

/** An API key, without its text. */
export interface ApiKey {
  readonly keyId: string;
  readonly name: string;
  readonly tenant?: string;
  readonly grants: readonly Grant[];
  readonly enabled: boolean;
  readonly createdAt: string;
  readonly createdBy: { readonly kind: string; readonly sub: string };
  readonly expiresAt?: string;
  /** To within ten minutes; absent when it never was. */
  readonly lastUsedAt?: string;
}

/** A key that was made: its text is told this once. */
export interface NewApiKey {
  readonly keyId: string;
  readonly key: string;
  readonly name: string;
  readonly tenant?: string;
  readonly grants: readonly Grant[];
  readonly expiresAt?: string;
}

/** A key that was given a new text, which is told this once. */
export interface RotatedApiKey {
  readonly keyId: string;
  readonly key: string;
  /** Until when the old text is accepted, too. */
  readonly previousUntil?: string;
}

export interface UploadRequest {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly contentType?: string;
  readonly checksum?: Checksum;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** `*`: refuse when an object of this key is there already. */
  readonly ifNoneMatch?: '*';
}

export interface SignedPart {
  readonly partNumber: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

interface IssuedUploadBase {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly expiresAt: string;
  readonly resumableUntil: string;
}

export interface IssuedPut extends IssuedUploadBase {
  readonly method: 'put';
  readonly put: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
}

export interface IssuedMultipart extends IssuedUploadBase {
  readonly method: 'multipart';
  readonly multipart: {
    readonly partSizeBytes: number;
    readonly partCount: number;
    /** The first batch; the others are asked for when they are needed. */
    readonly parts: readonly SignedPart[];
  };
}

/** The answer to an upload whose method the service chose. */
export type IssuedUpload = IssuedPut | IssuedMultipart;

export interface UploadStatus {
  readonly uploadId: string;
  readonly state: 'pending' | 'completed' | 'aborted';
  readonly method: 'put' | 'form' | 'multipart';
  readonly bucket: string;
  readonly key: string;
  /** Absent for an upload that was found in storage: nobody knows what it was to be. */
  readonly sizeBytes?: number;
  readonly partSizeBytes?: number;
  readonly partCount?: number;
  /** What storage has received so far. */
  readonly parts: readonly ReceivedPart[];
  readonly resumableUntil: string;
}

export interface ReceivedPart {
  readonly partNumber: number;
  readonly sizeBytes: number;
  readonly etag: string;
}
