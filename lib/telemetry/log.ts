import { StowageError } from '../errors.ts';

/** One JSON line per entry. Levels follow syslog's usual four. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

const secretField = /authorization|secret|token|password|signature|cookie|^key$|rootkey/i;
const secretText =
  /(stowt?_[\w-]{4})[\w.-]+|(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"]+|(access_token=)[^&\s"]+/gi;

/**
 * A log that writes JSON lines. Fields with a secret's name, and secrets inside texts (API keys, tokens, signatures of
 * presigned URLs), are redacted here, so that no caller has to remember it.
 *
 * @param write - takes one line without its end
 * @param now - the time of an entry; default: the system clock
 */
export function createLog(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  return (level, message, fields = {}) => {
    write(
      JSON.stringify({
        time: now().toISOString(),
        level,
        message: redactText(message),
        ...beside(redactFields(fields)),
      }),
    );
  };
}

const ownFields: ReadonlySet<string> = new Set(['time', 'level', 'message']);

/** What has the name of one of the entry's own fields gets another: neither may hide the other. */
function beside(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [ownFields.has(name) ? `${name}_` : name, value]),
  );
}

function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      secretField.test(name) ? '[redacted]' : redactValue(value),
    ]),
  );
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value instanceof Error) return describeError(value);
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value === 'object' && value !== null) return redactFields({ ...value });
  return value;
}

/** A text without the secrets that stand in it: API keys, tokens, signatures of presigned URLs. */
export function redactText(text: string): string {
  return text.replace(
    secretText,
    (_, key?: string, query?: string, token?: string) => `${key ?? query ?? token}[redacted]`,
  );
}

function describeError(error: Error): Record<string, unknown> {
  return {
    name: error.name,
    ...(error instanceof StowageError && { code: error.code }),
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(error.cause !== undefined && { cause: redactValue(error.cause) }),
  };
}
