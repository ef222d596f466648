import type { Context } from 'hono';
import * as v from 'valibot';
import { type InputFault, StowageError } from '../errors.ts';
import { readBody } from './body.ts';
import type { AppEnv } from './env.ts';

/**
 * The edge: unknown input becomes a typed command here or is refused with all its faults. What passes is trusted.
 */

/**
 * The request's JSON body as the schema's output.
 *
 * @throws {@link StowageError} `unsupported_media_type`, `body_too_large`, `invalid_json` or `invalid_request`
 */
export async function readJson<T>(c: Context<AppEnv>, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const contentType = c.req.header('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType)) {
    throw new StowageError('unsupported_media_type', 'Send the body as application/json.');
  }
  return check(parseJson(await readBody(c)), schema);
}

/** Like {@link readJson}; no body counts as `{}`. */
export async function readOptionalJson<T>(
  c: Context<AppEnv>,
  schema: v.GenericSchema<unknown, T>,
): Promise<T> {
  const text = await readBody(c);
  return check(text === '' ? {} : parseJson(text), schema);
}

/**
 * The query's parameters as the schema's output. One that stands there twice is refused: somebody else on the way may
 * have read the other one.
 *
 * @throws {@link StowageError} `invalid_request`
 */
export function readQuery<T>(c: Context<AppEnv>, schema: v.GenericSchema<unknown, T>): T {
  const repeated = Object.entries(c.req.queries()).filter(([, values]) => values.length > 1);
  if (repeated.length > 0) throw invalid(repeated.map(([path]) => ({ path, message: 'stands there twice' })));
  return check(c.req.query(), schema);
}

/** So many faults stand in the detail, which is for people; all of them stand in `errors`. */
const faultsInDetail = 10;

/**
 * Any input as the schema's output.
 *
 * @throws {@link StowageError} `invalid_request` with every fault; of vast input with the first
 */
export function check<T>(input: unknown, schema: v.GenericSchema<unknown, T>): T {
  const { isVast, unusableNames } = survey(input);
  if (unusableNames.length > 0) {
    throw invalid(unusableNames.map((path) => ({ path, message: 'is a name that nothing can have' })));
  }
  const result = v.safeParse(schema, input, { abortEarly: isVast });
  if (!result.success) {
    throw invalid(result.issues.map((issue) => ({ path: pathOf(issue), message: explain(issue) })));
  }
  const misread = listsReadAsObjects(input, result.output, []);
  if (misread.length > 0) throw invalid(misread.map((path) => ({ path, message: 'must be an object' })));
  return result.output;
}

/** Valibot takes a list for an object, and reads one without required fields out of it. Gives where it has. */
function listsReadAsObjects(input: unknown, output: unknown, path: readonly (string | number)[]): string[] {
  if (typeof input !== 'object' || input === null || typeof output !== 'object' || output === null) return [];
  if (Array.isArray(input) && !Array.isArray(output)) return [pathText(path)];
  const values = new Map<string, unknown>(Object.entries(output));
  return Object.entries(input).flatMap(([name, child]) =>
    listsReadAsObjects(child, values.get(name), [...path, Array.isArray(input) ? Number(name) : name]),
  );
}

function invalid(errors: readonly InputFault[]): StowageError {
  const told = errors.slice(0, faultsInDetail).map(({ path, message }) => `${path} ${message}`);
  const more = errors.length > told.length ? `; and ${errors.length - told.length} more` : '';
  return new StowageError('invalid_request', told.join('; ') + more, { errors });
}

/** More than any command but a completion of thousands of parts. */
const vastCount = 5000;

/** Valibot leaves them out of what it reads, so that metadata of such a name would be lost without a word. */
const unusable: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

interface Survey {
  /** Are there so many values that to tell each one's fault would take seconds, and more bytes than were sent? */
  readonly isVast: boolean;
  readonly unusableNames: readonly string[];
}

/** Looks at all that is in the input, as far as it is not vast. */
function survey(input: unknown): Survey {
  const unusableNames: string[] = [];
  const pending = [input];
  for (let count = 1; pending.length > 0; count += 1) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    const children: [name: string, child: unknown][] = Object.entries(value);
    if (count + pending.length + children.length > vastCount) return { isVast: true, unusableNames };
    for (const [name, child] of children) {
      if (unusable.has(name)) unusableNames.push(name);
      pending.push(child);
    }
  }
  return { isVast: false, unusableNames };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StowageError('invalid_json', 'The body cannot be read as JSON.', { cause: error });
  }
}

/** `items[3].key` */
function pathOf(issue: v.BaseIssue<unknown>): string {
  return pathText((issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key))));
}

function pathText(path: readonly (string | number)[]): string {
  const text = path.map((name) => (typeof name === 'number' ? `[${name}]` : `.${name}`)).join('');
  return text.replace(/^\./, '') || '(body)';
}

function explain(issue: v.BaseIssue<unknown>): string {
  return issue.type === 'strict_object' && issue.expected === 'never' ? 'is not known here' : issue.message;
}
