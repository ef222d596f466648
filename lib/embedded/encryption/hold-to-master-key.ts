import type { ObjectIndex } from '../index/object-index.ts';
import type { MasterKey } from './master-key.ts';

/**
 * Makes sure that the master key is the one that a store is encrypted with. The first that is given becomes that one:
 * from then on the store needs it, as some of its bodies may.
 *
 * @throws Error when it is missing, or another
 */
export async function holdToMasterKey(
  { dataKeys, commit }: Pick<ObjectIndex, 'dataKeys' | 'commit'>,
  masterKey: MasterKey | undefined,
): Promise<void> {
  const known = dataKeys.masterKeyId();
  if (known === masterKey?.id) return;
  if (!masterKey) {
    throw new Error(
      `The embedded store is encrypted with the master key ${known}, which is missing. Give it by STOWAGE_MASTER_KEY_FILE or STOWAGE_MASTER_KEY.`,
    );
  }
  if (known !== undefined) {
    throw new Error(
      `The embedded store is encrypted with the master key ${known}; the one that was given is ${masterKey.id}.`,
    );
  }
  await commit(() => dataKeys.setMasterKeyId(masterKey.id));
}
