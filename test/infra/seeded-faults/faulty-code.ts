import { readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cloud, type InfraCode, synthesizeCloud } from '../verification/cloud.ts';
import type { CodeFault } from './fault.ts';

const infraDirectory = join(import.meta.dirname, '../../../infra');

/**
 * The cloud that `infra` would make with a fault in its code. The modules of `infra` are loaded anew, under addresses
 * that name the fault; everything else stays loaded.
 *
 * @throws Error when the text is not there that the fault would replace
 */
export async function synthesizeFaulty(fault: CodeFault, stage: string): Promise<Cloud> {
  const file = fileOf(fault);
  const mark = `?fault=${encodeURIComponent(fault.name)}`;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const isOurs = resolved.url.includes('/infra/') && !resolved.url.includes('/node_modules/');
      return isOurs && context.parentURL?.endsWith(mark) === true
        ? { ...resolved, url: `${resolved.url}${mark}` }
        : resolved;
    },
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith(mark) || fileURLToPath(url.slice(0, -mark.length)) !== file) return loaded;
      return { ...loaded, source: readFileSync(file, 'utf8').replaceAll(fault.from, fault.to) };
    },
  });
  try {
    const { addStacks }: Pick<InfraCode, 'addStacks'> = await import(join(infraDirectory, `app.ts${mark}`));
    const { stageNamed }: Pick<InfraCode, 'stageNamed'> = await import(
      join(infraDirectory, `stages.ts${mark}`)
    );
    return synthesizeCloud(stage, undefined, { addStacks, stageNamed });
  } finally {
    hooks.deregister();
  }
}

function fileOf({ name, file, from }: CodeFault): string {
  const found = readdirSync(infraDirectory, { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) === file)
    .map((path) => join(infraDirectory, path))
    .find((path) => readFileSync(path, 'utf8').includes(from));
  if (found === undefined) throw new Error(`"${name}" is out of date: no ${file} of infra says ${from}`);
  return found;
}
