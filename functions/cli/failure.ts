import {
  ConnectionError,
  SourceMismatchError,
  StorageError,
  StowageApiError,
} from '../../lib/client/errors.ts';
import { UsageError } from './command.ts';
import { Interrupted } from './interrupt.ts';

/** How `stowage` ends: shown in its help, and held stable for scripts. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  conflict: 5,
  unreachable: 6,
} as const;

/** An end that a command decides itself. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** How to end, and what to say. */
export interface Failure {
  readonly exitCode: number;
  readonly message: string;
  /** The service's, or S3's, stable name of the cause. */
  readonly code?: string;
  readonly requestId?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Every error that a command can end with, for people. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommandError || error instanceof Interrupted) {
    return { exitCode: error.exitCode, message: error.message };
  }
  if (error instanceof UsageError) {
    return { exitCode: exitCodes.usage, message: error.message, hint: 'See stowage --help.' };
  }
  if (error instanceof StowageApiError) return describeRefusal(error);
  if (error instanceof StorageError) return describeStorageRefusal(error);
  if (error instanceof ConnectionError) {
    return {
      exitCode: exitCodes.unreachable,
      message: `${error.message} (${reasonOf(error)})`,
      hint: 'Is the service running, and can it and its storage be reached from here? Its address is --url or STOWAGE_URL.',
    };
  }
  if (error instanceof SourceMismatchError) return { exitCode: exitCodes.conflict, message: error.message };
  return describeLocal(error);
}

function describeRefusal(error: StowageApiError): Failure {
  const { code, errors, requestId } = error;
  const faults = errors.map(({ path, message }) => `\n  ${path}: ${message}`).join('');
  const failure = {
    exitCode: exitCodeOf(error),
    message: error.message + faults,
    code,
    ...(requestId !== undefined && { requestId }),
  };
  if (failure.exitCode !== exitCodes.denied) return failure;
  const hint =
    error.status === 401
      ? 'Check STOWAGE_KEY (or --key-file), and that the key belongs to this service.'
      : 'Ask for a key whose grants cover this bucket, prefix and action.';
  return { ...failure, hint };
}

function exitCodeOf({ status, code }: StowageApiError): number {
  if (status === 401 || status === 403 || code === 'access_denied') return exitCodes.denied;
  if (status === 404 || code.endsWith('not_found')) return exitCodes.notFound;
  if (status === 409 || status === 410 || status === 412) return exitCodes.conflict;
  return exitCodes.failed;
}

function describeStorageRefusal({ status, code, message }: StorageError): Failure {
  switch (status) {
    case 403:
      return {
        exitCode: exitCodes.denied,
        message,
        code,
        hint: 'A new address did not help. Is the clock of the service right?',
      };
    case 404:
      return { exitCode: exitCodes.notFound, message, code };
    case 412:
      return {
        exitCode: exitCodes.conflict,
        message: 'The object was replaced meanwhile.',
        code,
        hint: 'Run the command again to work with the new one.',
      };
    default:
      return { exitCode: exitCodes.failed, message, code };
  }
}

/** Files. Node says `ENOENT: no such file or directory, stat 'a.bin'`; people want the name first and no calls. */
function describeLocal(error: unknown): Failure {
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const message = text.replace(/^E[A-Z]+: (.*), \w+ '(.*?)'.*$/, '$2: $1');
  if (code === 'ENOENT') return { exitCode: exitCodes.notFound, message };
  if (code === 'ENOSPC') {
    return {
      exitCode: exitCodes.failed,
      message: 'The disk is full.',
      hint: 'Make room and run the command again: it goes on where it stopped.',
    };
  }
  return { exitCode: exitCodes.failed, message };
}

/** The innermost cause: `fetch failed` says nothing, `connect ECONNREFUSED 127.0.0.1:8080` does. */
export function reasonOf(error: Error): string {
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message === '' ? (codeOf(error) ?? error.name) : error.message;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
