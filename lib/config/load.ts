import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { type Config, configSchema } from './schema.ts';

/** A configuration that must stop the start. The message lists every fault, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];

  constructor(source: string, faults: readonly string[]) {
    super([`${source} is not a valid configuration:`, ...faults.map((fault) => `  ${fault}`)].join('\n'));
    this.faults = faults;
  }
}

/**
 * Turns an unknown value into a {@link Config}, defaults filled in.
 *
 * @param source - what to call the input in the error, such as its file name
 * @throws {@link ConfigError} with every fault, unknown keys included
 */
export function parseConfig(input: unknown, source = 'stowage.json'): Config {
  const result = v.safeParse(configSchema, input);
  if (result.success) return result.output;
  throw new ConfigError(
    source,
    result.issues.map((issue) => `${v.getDotPath(issue) ?? '(top level)'}: ${explain(issue)}`),
  );
}

/**
 * Reads and parses the configuration file.
 *
 * @throws {@link ConfigError} when the file is missing, unreadable, not JSON, or not valid
 */
export function loadConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(path, [
      `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
  return parseConfigText(text, path);
}

/** Parses the content of a configuration file. @throws {@link ConfigError} when it is not JSON, or not valid */
export function parseConfigText(text: string, path: string): Config {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(path, [`is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
  return parseConfig(input, path);
}

function explain(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'is not a known setting';
  return issue.message;
}
