import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Something small to remember between two runs, so that the second goes on where the first was stopped. */
export interface Memory<T> {
  readonly load: () => Promise<T | undefined>;
  readonly save: (value: T) => Promise<void>;
  readonly forget: () => Promise<void>;
}

/** A {@link Memory} for what no other run can go on with. */
export const noMemory = {
  load: async () => undefined,
  save: async () => {},
  forget: async () => {},
};

/**
 * A file in the user's state folder (XDG Base Directory: `$XDG_STATE_HOME`, else `~/.local/state`), readable for its
 * owner alone.
 *
 * @param identity - what it is about; another identity is another memory
 * @param isValid - tells whether what was read is what this version writes
 * @param remark - told once when the folder can't be written: the transfer goes on, but could not be resumed
 */
export function memoryOf<T>(
  kind: 'uploads' | 'downloads',
  identity: Readonly<Record<string, string | number>>,
  isValid: (value: unknown) => value is T,
  remark: (text: string) => void,
): Memory<T> {
  const folder = join(stateFolder(), kind);
  const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
  const file = join(folder, `${name}.json`);
  let isWritable = true;
  return {
    async load() {
      try {
        const { value } = JSON.parse(await readFile(file, 'utf8'));
        return isValid(value) ? value : undefined;
      } catch {
        // Not there, or half written by a machine that lost power: then there is nothing to go on with.
        return undefined;
      }
    },
    async save(value) {
      if (!isWritable) return;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(`${file}.new`, JSON.stringify({ identity, value }), { mode: 0o600 });
        await rename(`${file}.new`, file);
      } catch (error) {
        isWritable = false;
        remark(`After a stop this would begin anew: ${folder} can't be written (${String(error)}).`);
      }
    },
    // One that stays does no harm: the service tells the next run that it is past use.
    forget: () => rm(file, { force: true }).catch(() => undefined),
  };
}

function stateFolder(): string {
  return join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'stowage');
}
