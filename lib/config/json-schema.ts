import { writeFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import { configSchema } from './schema.ts';

/** The JSON Schema of `stowage.json`, for editors. Run this file to write `stowage.schema.json` anew. */
export function configJsonSchema(): string {
  const schema = toJsonSchema(configSchema, { typeMode: 'input', errorMode: 'ignore' });
  return `${JSON.stringify({ title: 'Stowage configuration', ...schema }, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(new URL('stowage.schema.json', import.meta.url), configJsonSchema());
