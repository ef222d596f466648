import { spawnSync } from 'node:child_process';
import { findProgram } from '../../../support/programs.ts';
import { dig } from '../dig.ts';
import { type ToolCheck, withTemplateFiles } from './template-files.ts';

/** cfn-lint, AWS's linter for templates. Without the program, which CI must have, it finds nothing. */
export const cfnLint: ToolCheck = (clouds) =>
  withTemplateFiles(clouds, async (files) => {
    const program = findProgram('cfn-lint');
    if (program === undefined) return [];
    const { stdout, stderr, status } = spawnSync(
      program,
      ['--format', 'json', ...files.map(({ path }) => path)],
      { encoding: 'utf8', maxBuffer: 2 ** 26 },
    );
    // 0: nothing found; 2, 4, 6, 8, …: something found, by severity; 1 and 32 and more: it did not work.
    if (status === null || status === 1 || status >= 32) throw new Error(`cfn-lint failed: ${stderr}`);
    const found: unknown[] = JSON.parse(stdout);
    return found.flatMap((one) => {
      const file = files.find(({ path }) => path === dig(one, 'Filename'));
      if (!file) return [];
      const place = dig(one, 'Location', 'Path');
      const id = Array.isArray(place) ? place.slice(0, 2).at(-1) : '';
      return [
        {
          rule: String(dig(one, 'Rule', 'Id')),
          at: `${file.stack.name}/${String(id)}`,
          message: String(dig(one, 'Message')),
          file,
        },
      ];
    });
  });
