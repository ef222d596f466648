import { access, constants, mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Raised by whoever changes the layout of the folder, together with the step that brings an older one up to date. */
const formatVersion = 3;

/** The store's folder, locked for this process. */
export interface DataFolder {
  readonly indexFile: string;
  readonly blobRoot: string;
  readonly unlock: () => void;
}

/**
 * Makes the folder where it is absent, locks it, and checks its format.
 *
 * @throws Error when the folder can't be written, another process uses it, a newer release wrote it, or its index is
 *   missing
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  // SQLite's own message would not say what is wrong.
  await access(path, constants.W_OK);
  const unlock = lock(path);
  const files = { indexFile: join(path, 'index.sqlite'), blobRoot: join(path, 'blobs') };
  try {
    await checkFormat(path);
    await checkIndex(path, files);
  } catch (error) {
    unlock();
    throw error;
  }
  return { ...files, unlock };
}

/**
 * Node has no file locks, but SQLite does: the kernel lets go of them when the process ends, however it ends, so there
 * is never a stale one.
 */
function lock(path: string): () => void {
  const database = new DatabaseSync(join(path, 'lock'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new Error(`The data folder ${path} is in use by another process.`, { cause: error });
  }
  return () => database.close();
}

async function checkFormat(path: string): Promise<void> {
  const file = join(path, 'format');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const version = text === undefined ? 0 : Number(text);
  if (version === formatVersion) return;
  if (text === undefined || (Number.isInteger(version) && version > 0 && version < formatVersion)) {
    // Before anything is brought up to date: from here on older releases refuse the folder.
    await writeWhole(file, `${formatVersion}\n`);
    return;
  }
  throw new Error(
    version > formatVersion
      ? `The data folder ${path} has format ${version}; this release knows formats up to ${formatVersion}. Use a newer release.`
      : `The data folder ${path} has no readable format version.`,
  );
}

/** A new index refers to nothing, so that every body would be taken for an orphan. */
async function checkIndex(
  path: string,
  { indexFile, blobRoot }: Pick<DataFolder, 'indexFile' | 'blobRoot'>,
): Promise<void> {
  const { size } = await stat(indexFile).catch(() => ({ size: 0 }));
  if (size > 0) return;
  const entries = await readdir(blobRoot, { recursive: true, withFileTypes: true }).catch(() => []);
  if (entries.some((entry) => entry.isFile())) {
    throw new Error(`The data folder ${path} holds bodies, but has no index. Bring it back from a backup.`);
  }
}

/** The file is there whole, or not at all. */
async function writeWhole(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.new`, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
