import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { StowageClient } from '../../lib/client/client.ts';
import type { Output } from './output.ts';

/** The command line is not one that can be carried out. The message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What every command is given. */
export interface Invocation {
  readonly client: StowageClient;
  /** The service's address, as the client uses it. */
  readonly url: string;
  readonly output: Output;
  /** Fires at Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** A command after its arguments have been read; nothing has been asked of the service yet. */
export type Action = (invocation: Invocation) => Promise<void>;

/** One word behind `stowage`. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` shows: usage, options, examples. */
  readonly help: string;
  /** @throws {@link UsageError} */
  readonly parse: (args: string[]) => { readonly values: CommonValues; readonly action: Action };
}

const commonOptions = {
  url: { type: 'string' },
  key: { type: 'string' },
  'key-file': { type: 'string' },
  json: { type: 'boolean', default: false },
  quiet: { type: 'boolean', short: 'q', default: false },
} as const satisfies ParseArgsOptionsConfig;

/** Options that every command takes. */
export interface CommonValues {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly 'key-file'?: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Reads arguments with the common options and the command's own. @throws {@link UsageError} */
export function parseOptions<const Own extends ParseArgsOptionsConfig>(args: string[], own: Own) {
  const config = { args, options: { ...commonOptions, ...own }, allowPositionals: true } as const;
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A bucket and what follows the first slash. */
export interface Address {
  readonly bucket: string;
  readonly key: string;
}

/** `BUCKET/KEY`, or a bucket alone: then the key is empty. @throws {@link UsageError} when there is no bucket */
export function parseAddress(text: string): Address {
  const slash = text.indexOf('/');
  const address =
    slash === -1 ? { bucket: text, key: '' } : { bucket: text.slice(0, slash), key: text.slice(slash + 1) };
  if (address.bucket === '') throw new UsageError(`"${text}" is no BUCKET/KEY.`);
  return address;
}

/** {@link parseAddress} for one object. @throws {@link UsageError} when the key is missing */
export function parseObjectAddress(text: string): Address {
  const address = parseAddress(text);
  if (address.key === '') throw new UsageError(`"${text}" names a bucket but no key; write BUCKET/KEY.`);
  return address;
}

/** The value of `--parallel`. @throws {@link UsageError} */
export function parseParallel(text: string): number {
  const parallel = Number(text);
  if (Number.isInteger(parallel) && parallel >= 1 && parallel <= 64) return parallel;
  throw new UsageError('--parallel wants a whole number from 1 to 64.');
}
