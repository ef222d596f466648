import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * A program that a test drives, when the machine has it. Where it is absent, its name is told and the test is to be
 * skipped.
 *
 * @param names - the first that is found is taken
 * @throws Error when it is absent and `CI=true`, since then nothing may be skipped
 */
export function findProgram(...names: readonly [string, ...string[]]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
  if (found === undefined) {
    const message = `${names.join(' or ')} is not on the PATH`;
    if (process.env['CI'] === 'true') throw new Error(message);
    process.stderr.write(`Skipped: ${message}\n`);
  }
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
