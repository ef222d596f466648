import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Makes one file of the store's process: it starts in a quarter of the time that its many modules take, which is what
 * most of a short life is. Threads that hash are not in it; bodies of a megabyte and more would need them.
 */
export async function bundleStore(): Promise<{ program: string; remove: () => Promise<void> }> {
  // In a folder from where native modules are found.
  const modules = join(import.meta.dirname, '../../../node_modules');
  const program = join(modules, '.cache', `stowage-crash-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, 'store-process.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@node-rs/*'],
    logLevel: 'error',
  });
  return { program, remove: () => rm(program) };
}
