import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The functions that there is code for: the files in `functions/`, without their endings. */
export function entriesWithCode(): ReadonlySet<string> {
  const files = readdirSync(join(import.meta.dirname, '../../functions'));
  return new Set(files.filter((file) => file.endsWith('.ts')).map((file) => file.replace(/\.ts$/, '')));
}
