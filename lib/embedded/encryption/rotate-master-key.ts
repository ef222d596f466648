import { openDataFolder } from '../data-folder.ts';
import { openObjectIndex } from '../index/object-index.ts';
import { createEncryption } from './encryption.ts';
import type { MasterKey } from './master-key.ts';

/**
 * Wraps the keys of all that is stored by another master key. No body is read or written. All of them change in one
 * transaction, so that whatever happens, either the old master key fits the whole store or the new one does.
 *
 * @returns how many keys were wrapped anew: none where the new master key fits already
 * @throws Error when a process uses the folder, or it is encrypted with neither of the two
 */
export async function rotateMasterKey(
  dataDir: string,
  { current, next }: { readonly current: MasterKey; readonly next: MasterKey },
): Promise<number> {
  const folder = await openDataFolder(dataDir);
  try {
    const index = await openObjectIndex(folder.indexFile, createEncryption(current));
    try {
      return await index.commit(() => {
        const known = index.dataKeys.masterKeyId();
        if (known === next.id) return 0;
        if (known !== current.id) {
          throw new Error(
            known === undefined
              ? 'The embedded store is not encrypted: start it with a master key first.'
              : `The embedded store is encrypted with the master key ${known}; the one that was given is ${current.id}.`,
          );
        }
        index.dataKeys.setMasterKeyId(next.id);
        return index.dataKeys.replaceAll((place, dataKey) =>
          next.wrap(current.unwrap(dataKey, place), place),
        );
      });
    } finally {
      await index.close();
    }
  } finally {
    folder.unlock();
  }
}
