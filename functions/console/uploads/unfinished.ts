/**
 * The ids of unfinished uploads, kept in the browser: whoever drops the same file again, also after a crash or another
 * day, goes on where it stopped. An id is of no use without a key that may write there.
 */

const storageName = 'stowage.unfinished';

/** The oldest are dropped: the service has cleaned them up anyway. */
const keptCount = 200;

/** What makes a file the same as before, as far as a page can know. */
export interface UploadIdentity {
  readonly bucket: string;
  readonly key: string;
  readonly file: File;
}

export function rememberUpload(identity: UploadIdentity, uploadId: string): void {
  const others = readAll().filter(([name]) => name !== nameOf(identity));
  writeAll([...others, [nameOf(identity), uploadId] as const].slice(-keptCount));
}

export function rememberedUpload(identity: UploadIdentity): string | undefined {
  return readAll().find(([name]) => name === nameOf(identity))?.[1];
}

export function forgetUpload(identity: UploadIdentity): void {
  writeAll(readAll().filter(([name]) => name !== nameOf(identity)));
}

type Remembered = readonly [name: string, uploadId: string];

function nameOf({ bucket, key, file }: UploadIdentity): string {
  return JSON.stringify([bucket, key, file.size, file.lastModified]);
}

function readAll(): readonly Remembered[] {
  try {
    const all: unknown = JSON.parse(localStorage.getItem(storageName) ?? '[]');
    return Array.isArray(all) ? all.filter(isRemembered) : [];
  } catch {
    return [];
  }
}

function writeAll(all: readonly Remembered[]): void {
  localStorage.setItem(storageName, JSON.stringify(all));
}

function isRemembered(value: unknown): value is Remembered {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string';
}
