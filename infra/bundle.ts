import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Config } from '../lib/config/schema.ts';

const projectDirectory = join(import.meta.dirname, '..');

/**
 * Writes a function, as Lambda runs it, into a directory: one ES module for what every invocation needs, one for each
 * import that waits until it is wanted, their source maps, and the configuration.
 *
 * @param entry - names `functions/<entry>.ts`, and the module that comes out: `<entry>.mjs`
 * @throws esbuild's error, listing every fault
 */
export function bundleFunction(entry: string, config: Config, directory: string): void {
  const { outputFiles } = buildSync({
    absWorkingDir: projectDirectory,
    entryPoints: [`functions/${entry}.ts`],
    // The source maps speak relative to this place and not to the real one, so that equal sources give equal bytes.
    outdir: 'dist',
    write: false,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'silent',
  });
  mkdirSync(directory, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(join(directory, basename(path)), contents);
  writeFileSync(join(directory, 'stowage.json'), JSON.stringify(config));
}
