import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs a program to its end, without a shell.
 *
 * @param environment - all of it, besides `PATH`: settings of the machine must not change what a program does
 * @returns what it wrote to stdout
 * @throws Error with all that it wrote, when its exit code is not 0
 */
export async function run(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const options = { env: { PATH: process.env['PATH'], ...environment }, maxBuffer: 64 * 2 ** 20 };
    return (await execute(program, args, options)).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
