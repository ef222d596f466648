import { encodeKey } from '../../../lib/client/api.ts';
import type { Contract, Operation } from './contract.ts';

/**
 * Bare exchanges with the service, to show them as they are. Everything else in the console goes by the client.
 */

/** What somebody has filled in. */
export interface Call {
  readonly operation: Operation;
  readonly values: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly credential: string;
}

export interface Reply {
  readonly status: string;
  readonly milliseconds: number;
  /** Where the bytes came from, if the service sent us elsewhere. */
  readonly redirectedTo: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** What is shown of a long answer. */
const shownBytes = 65_536;

export async function readContract(signal: AbortSignal): Promise<Contract> {
  const response = await fetch('/openapi.json', { signal });
  if (!response.ok) throw new Error(`The contract cannot be read (${response.status}).`);
  return response.json();
}

export async function sendCall(call: Call): Promise<Reply> {
  const { operation, body } = call;
  const startedAt = performance.now();
  const response = await fetch(addressOf(call), {
    method: operation.method.toUpperCase(),
    headers: headersOf(call),
    ...(body !== undefined && { body }),
  });
  return {
    status: `${response.status} ${response.statusText}`.trim(),
    milliseconds: performance.now() - startedAt,
    redirectedTo: response.redirected ? response.url : undefined,
    headers: [...response.headers],
    body: await readStart(response),
  };
}

/** The same on a command line; the key stays out of it. */
export function curlOf(call: Call): string {
  const { operation, body } = call;
  const headers = Object.entries(headersOf({ ...call, credential: '$STOWAGE_KEY' }));
  return [
    `curl -L -X ${operation.method.toUpperCase()} ${quoted(`${location.origin}${addressOf(call)}`)}`,
    // In double quotes, so that the shell fills in the key.
    ...headers.map(([name, value]) => `-H "${name}: ${value}"`),
    ...(body === undefined ? [] : [`-d ${quoted(body)}`]),
  ].join(' \\\n  ');
}

function addressOf({ operation, values }: Call): string {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeKey(values[name] ?? ''));
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && (values[parameter.name] ?? '') !== '')
    .map(({ name }): [string, string] => [name, values[name] ?? '']);
  return query.length > 0 ? `${path}?${new URLSearchParams(query).toString()}` : path;
}

function headersOf({ operation, body, credential }: Call): Record<string, string> {
  return {
    ...(!operation.isPublic && credential !== '' && { authorization: `Bearer ${credential}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
}

async function readStart(response: Response): Promise<string> {
  const contentType = response.headers.get('content-type') ?? '';
  if (/json/.test(contentType)) return JSON.stringify(await response.json(), null, 2);
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  if (!value) return '';
  return contentType.startsWith('text/')
    ? new TextDecoder().decode(value.subarray(0, shownBytes))
    : `(${contentType || 'bytes of no stated type'})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
