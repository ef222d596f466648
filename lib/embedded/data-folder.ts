import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Raised by whoever changes the layout of the folder, together with the step that brings an older one up to date. */
const formatVersion = 1;

/** The store's folder, locked for this process. */
export interface DataFolder {
  readonly indexFile: string;
  readonly blobRoot: string;
  readonly unlock: () => void;
}

/**
 * Makes the folder where it is absent, locks it, and checks its format.
 *
 * @throws Error when another process uses the folder, or a newer release wrote it
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const unlock = lock(path);
  try {
    await checkFormat(path);
  } catch (error) {
    unlock();
    throw error;
  }
  return { indexFile: join(path, 'index.sqlite'), blobRoot: join(path, 'blobs'), unlock };
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
  if (text === undefined) {
    await writeWhole(file, `${formatVersion}\n`);
    return;
  }
  const version = Number(text);
  if (version === formatVersion) return;
  throw new Error(
    version > formatVersion
      ? `The data folder ${path} has format ${version}; this release knows formats up to ${formatVersion}. Use a newer release.`
      : `The data folder ${path} has no readable format version.`,
  );
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
