import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { build } from 'esbuild';

/**
 * Builds the console and the contract's pages: `npm run build:console`. What the HTML names relative to itself is
 * bundled into `assets/` under a name with a hash, so that it may be cached for ever.
 *
 * @param folder - emptied first
 */
export async function buildConsole(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = import.meta.dirname;
  const { metafile } = await build({
    absWorkingDir: source,
    entryPoints: ['main.tsx', 'main.css', 'docs/main.tsx', 'docs/main.css', 'favicon.svg'],
    outdir: join(folder, 'assets'),
    entryNames: '[dir]/[name]-[hash]',
    loader: { '.svg': 'copy' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    metafile: true,
    logLevel: 'warning',
  });
  const addresses = Object.entries(metafile.outputs).flatMap(([output, { entryPoint, inputs }]) => {
    // A copied file is no entry point by name, but has itself as its only input.
    const input = entryPoint ?? Object.keys(inputs)[0];
    const address = `/${relative(folder, join(source, output)).replaceAll('\\', '/')}`;
    return input === undefined ? [] : [[`./${input}`, address] as const];
  });
  for (const page of ['index.html', 'docs.html']) {
    const html = addresses.reduce(
      (text, [input, address]) => text.replaceAll(`"${input}"`, `"${address}"`),
      readFileSync(join(source, page), 'utf8'),
    );
    const left = /"\.\/[^"]+"/.exec(html);
    if (left) throw new Error(`${basename(page)} names ${left[0]}, which was not built`);
    writeFileSync(join(folder, page), html);
  }
}

if (import.meta.main) await buildConsole(join(import.meta.dirname, '../../dist/console'));
