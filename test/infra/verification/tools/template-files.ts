import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cloud, DeployedStack } from '../cloud.ts';
import type { Finding } from '../finding.ts';

/** A tool that reads templates as files, and starts so slowly that it should be given many at once. */
export type ToolCheck = (clouds: readonly Cloud[]) => Promise<readonly (readonly Finding[])[]>;

/** The stack whose template a file holds. */
export interface TemplateFile {
  readonly path: string;
  readonly stack: DeployedStack;
  /** Which of the clouds it belongs to. */
  readonly cloud: number;
}

/** Writes all templates, lets a tool look at them, and gives each of its findings back to the cloud that it is about. */
export async function withTemplateFiles(
  clouds: readonly Cloud[],
  look: (files: readonly TemplateFile[]) => Promise<readonly (Finding & { readonly file: TemplateFile })[]>,
): Promise<Finding[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-templates-'));
  try {
    const files = clouds.flatMap(({ stacks }, cloud) =>
      stacks.map((stack) => {
        const path = join(folder, `${cloud}-${stack.name}.template.json`);
        writeFileSync(path, JSON.stringify(stack.template, null, 2));
        return { path, stack, cloud };
      }),
    );
    const findings = await look(files);
    return clouds.map((_, index) =>
      findings
        .filter(({ file }) => file.cloud === index)
        .map(({ rule, at, message }) => ({ rule, at, message })),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
