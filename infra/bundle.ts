import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';
import type { Config } from '../lib/config/schema.ts';

const projectDirectory = join(import.meta.dirname, '..');

/**
 * An ES module has no `require`, and packages in the older form ask for Node's own modules by it. The API has no such
 * package, and every byte of it counts.
 */
const bringRequire = `import{createRequire as nodeRequire}from"node:module";const require=nodeRequire(import.meta.url);`;

/**
 * Writes a function, as Lambda runs it, into a directory: one ES module for what every invocation needs, one for each
 * import that waits until it is wanted, their source maps, and the configuration.
 *
 * In the place of Node's `Headers`, `Request` and `Response` the bundle gets light ones: Node's own load undici, about
 * 20 ms of a cold start. `test/hosts/lambda-bundle.test.ts` holds what goes into the bundle.
 *
 * @param entry - names `functions/<entry>.ts`, and the module that comes out: `<entry>.mjs`
 * @returns what went into each file
 * @throws esbuild's error, listing every fault
 */
export function bundleFunction(entry: string, config: Config, directory: string): Metafile {
  const { outputFiles, metafile } = buildSync({
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
    inject: ['lib/hosts/light-fetch.ts'],
    banner: { js: entry === 'api' ? '' : bringRequire },
    minify: true,
    legalComments: 'none',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
  });
  mkdirSync(directory, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(join(directory, basename(path)), contents);
  writeFileSync(join(directory, 'stowage.json'), JSON.stringify(config));
  return metafile;
}

/** Builds the console, as `npm run build:console` does, and puts it into a directory. */
export function bundleConsole(directory: string): void {
  execFileSync(process.execPath, ['functions/console/build.ts'], { cwd: projectDirectory });
  cpSync(join(projectDirectory, 'dist/console'), directory, { recursive: true });
}
