import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Encryption } from '../encryption/encryption.ts';
import type { FreedContent } from '../index/contents.ts';

/**
 * The files that hold bodies. A file's name says which piece of which content it is, and ends in random digits; no
 * object key ever becomes part of a path. A file counts from the moment that the index refers to it, so it is written
 * in place: one that nothing refers to is an orphan, and the next start collects it.
 */
export interface Blobs {
  /** What stands between a body and its file. */
  readonly encryption: Encryption;
  /** Makes a file for a piece, open for writing. */
  readonly create: (contentId: number, partNumber: number) => Promise<{ file: string; handle: FileHandle }>;
  /**
   * Brings what was written of a file to disk while the rest still comes. Gives nothing where it already does so for
   * another: the threads that wait for the disk are few, and short writes need them, too.
   */
  readonly writeBack: (handle: FileHandle) => Promise<void> | undefined;
  /** Brings a file's name to disk; its bytes are the writer's business. */
  readonly syncName: (file: string) => Promise<void>;
  readonly open: (file: string) => Promise<FileHandle>;
  /**
   * Removes files that nothing refers to, in the background: nobody's answer waits until a disk has let go of gigabytes.
   * What can't be removed is an orphan.
   */
  readonly discard: (files: readonly string[]) => void;
  /** Resolves when all that has been discarded is removed, and its room is free again. */
  readonly settled: () => Promise<void>;
  /** Keeps a content's files, also when the content is freed, until the function that it gives is called. */
  readonly hold: (contentId: number) => () => void;
  /** Discards the files of a freed content as soon as nobody reads them. */
  readonly free: (content: FreedContent | undefined) => void;
}

const folderNames = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));

/**
 * Opens the folder of blobs, and removes the files that nothing refers to.
 *
 * @param refersTo - whether the index refers to a file
 */
export async function openBlobs(
  root: string,
  encryption: Encryption,
  refersTo: (contentId: number, partNumber: number, file: string) => boolean,
): Promise<{ blobs: Blobs; orphans: number }> {
  for (const name of folderNames) await mkdir(join(root, name), { recursive: true });
  await syncFolder(root);
  const orphans = await collectOrphans(root, refersTo);

  const readers = new Map<number, number>();
  const awaitingReaders = new Map<number, readonly string[]>();
  const pathOf = (file: string) => join(root, folderOf(file), file);

  let isWritingBack = false;
  let discarding = Promise.resolve();

  // One after another: the threads that wait for the disk are few.
  function discard(files: readonly string[]): void {
    for (const file of files) {
      discarding = discarding.then(() => unlink(pathOf(file))).catch(() => undefined);
    }
  }

  function release(contentId: number): void {
    const left = (readers.get(contentId) ?? 0) - 1;
    if (left > 0) {
      readers.set(contentId, left);
      return;
    }
    readers.delete(contentId);
    const files = awaitingReaders.get(contentId);
    awaitingReaders.delete(contentId);
    if (files) discard(files);
  }

  const blobs: Blobs = {
    encryption,
    create: async (contentId, partNumber) => {
      const file = `${contentId}-${partNumber}-${randomBytes(8).toString('hex')}`;
      return { file, handle: await open(pathOf(file), 'wx') };
    },
    writeBack: (handle) => {
      if (isWritingBack) return undefined;
      isWritingBack = true;
      return handle.datasync().finally(() => {
        isWritingBack = false;
      });
    },
    syncName: (file) => syncFolder(join(root, folderOf(file))),
    open: (file) => open(pathOf(file), 'r'),
    discard,
    settled: () => discarding,
    hold: (contentId) => {
      readers.set(contentId, (readers.get(contentId) ?? 0) + 1);
      let held = true;
      return () => {
        if (held) release(contentId);
        held = false;
      };
    },
    free: (content) => {
      if (!content) return;
      if (readers.has(content.contentId)) awaitingReaders.set(content.contentId, content.files);
      else discard(content.files);
    },
  };
  return { blobs, orphans };
}

/** Random digits spread the files evenly. */
function folderOf(file: string): string {
  return file.slice(-2);
}

async function collectOrphans(
  root: string,
  refersTo: (contentId: number, partNumber: number, file: string) => boolean,
): Promise<number> {
  let orphans = 0;
  for (const folder of folderNames) {
    for (const file of await readdir(join(root, folder))) {
      const [contentId, partNumber] = file.split('-').map(Number);
      if (refersTo(contentId ?? 0, partNumber ?? 0, file)) continue;
      await unlink(join(root, folder, file));
      orphans += 1;
    }
  }
  return orphans;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
