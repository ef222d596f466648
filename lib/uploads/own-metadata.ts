/**
 * The entries that Stowage itself adds to an object's metadata. They are signed with the rest, so nobody can leave them
 * out or change them, and no caller of the API sees them.
 */

const prefix = 'stowage-';

/** Tells which upload wrote an object. */
export const uploadMarker = `${prefix}upload`;

/** The same as S3 carries it. */
export const uploadMarkerHeader = `x-amz-meta-${uploadMarker}`;

/** Tells whose object it is. Absent for the callers without a tenant. */
const tenantEntry = `${prefix}tenant`;

/** Tells what the upload was announced as: see `announced.ts`. */
const announcedEntry = `${prefix}announced`;

export interface Origin {
  readonly marker: string;
  readonly tenant?: string | undefined;
}

/** What an object tells of the upload that wrote it. */
export interface OwnMetadata extends Origin {
  /** Absent from objects that were uploaded before there was such an entry. */
  readonly announced?: string | undefined;
}

export function ownMetadata({ marker, tenant, announced }: OwnMetadata): Record<string, string> {
  return {
    [uploadMarker]: marker,
    ...(tenant !== undefined && { [tenantEntry]: tenant }),
    ...(announced !== undefined && { [announcedEntry]: announced }),
  };
}

/** @returns undefined for an object that no upload of this service wrote */
export function readOwnMetadata(metadata: Readonly<Record<string, string>>): OwnMetadata | undefined {
  const marker = metadata[uploadMarker];
  if (marker === undefined) return undefined;
  return { marker, tenant: metadata[tenantEntry], announced: metadata[announcedEntry] };
}

/** The entries that are Stowage's own. */
export function onlyOwn(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => isOwnName(name)));
}

/** Whatever the case: S3 knows metadata by lower case alone. */
export function isOwnName(name: string): boolean {
  return name.toLowerCase().startsWith(prefix);
}

export function withoutOwn(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !isOwnName(name)));
}
