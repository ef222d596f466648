import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { type Addressing, bucketOfHost, clientAddressOf } from './addressing.ts';
import type { Call } from './call.ts';
import { Refusal } from './refusal.ts';

const maxKeyBytes = 1024;

/**
 * Reads a request's line and headers, addressed in path style or in virtual-host style.
 *
 * @param body - gives the body's stream to the first that asks for it
 * @throws {@link Refusal} for an address that is not valid UTF-8, or a key of more than 1,024 bytes
 */
export function readCall(
  request: IncomingMessage,
  requestId: string,
  addressing: Addressing,
  body: () => IncomingMessage,
): Call {
  const target = withoutOrigin(request.url ?? '/');
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const { scheme, host, address } = clientAddressOf(request, addressing);
  const { bucket, key } = addressed(decode(path), bucketOfHost(host, addressing));
  checkKey(key);
  const parameters = readQuery(question < 0 ? '' : target.slice(question + 1));
  const origin = `${scheme}://${host}`;
  return {
    requestId,
    sourceAddress: address,
    method: request.method ?? '',
    origin,
    path,
    bucket,
    key,
    parameters,
    query: new Map(parameters),
    // As the client has signed it.
    headers: readHeaders(request.rawHeaders).set('host', host),
    body,
  };
}

/** A proxy's request line holds the whole address. */
function withoutOrigin(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '');
}

function addressed(path: string, bucketOfHost: string | undefined): { bucket: string; key: string } {
  if (bucketOfHost !== undefined) return { bucket: bucketOfHost, key: path.slice(1) };
  const slash = path.indexOf('/', 1);
  if (slash < 0) return { bucket: path.slice(1), key: '' };
  return { bucket: path.slice(1, slash), key: path.slice(slash + 1) };
}

/** @throws {@link Refusal} `KeyTooLongError` */
export function checkKey(key: string): void {
  const sizeBytes = Buffer.byteLength(key);
  if (sizeBytes <= maxKeyBytes) return;
  throw new Refusal('KeyTooLongError', undefined, {
    Size: String(sizeBytes),
    MaxSizeAllowed: String(maxKeyBytes),
  });
}

function readQuery(text: string): [name: string, value: string][] {
  const parameters: [string, string][] = [];
  for (const parameter of text.split('&')) {
    if (parameter === '') continue;
    const equals = parameter.indexOf('=');
    const name = equals < 0 ? parameter : parameter.slice(0, equals);
    const value = equals < 0 ? '' : parameter.slice(equals + 1);
    parameters.push([decode(plusAsSpace(name)), decode(plusAsSpace(value))]);
  }
  return parameters;
}

function plusAsSpace(text: string): string {
  return text.replaceAll('+', '%20');
}

function readHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? '';
    const value = decodeHeader(raw[index + 1] ?? '');
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return headers;
}

/** Node hands on header bytes as Latin-1. Nearly all senders mean UTF-8; what can't be that is what it seems. */
function decodeHeader(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal('InvalidURI');
  }
}
