/**
 * The entries that Stowage itself adds to an object's metadata. They are signed with the rest, so nobody can leave them
 * out or change them, and no caller of the API sees them.
 */

const prefix = 'stowage-';

/** Tells which upload wrote an object. */
export const uploadMarker = `${prefix}upload`;

/** Tells whose object it is. Absent for the callers without a tenant. */
const tenantEntry = `${prefix}tenant`;

export interface Origin {
  readonly marker: string;
  readonly tenant?: string | undefined;
}

export function ownMetadata({ marker, tenant }: Origin): Record<string, string> {
  return { [uploadMarker]: marker, ...(tenant !== undefined && { [tenantEntry]: tenant }) };
}

/** Whatever the case: S3 knows metadata by lower case alone. */
export function isOwnName(name: string): boolean {
  return name.toLowerCase().startsWith(prefix);
}

export function withoutOwn(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !isOwnName(name)));
}
