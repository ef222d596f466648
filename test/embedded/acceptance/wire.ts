import { request as httpRequest } from 'node:http';
import { customEndpoint, targetOf } from '../../../lib/storage/endpoint.ts';
import { presign, type PresignRequest, type SigningContext } from '../../../lib/storage/presign.ts';
import { parseXml } from '../../../lib/storage/xml.ts';
import type { Bench, S3Target } from './target.ts';

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  /** The `Code` of an error document; empty without one. */
  readonly code: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Signs for the target as the service does. */
export function signingContext(
  { region, credentials }: S3Target,
  overrides: Partial<SigningContext> = {},
): SigningContext {
  return { credentials, region, time: new Date(), expiresInSeconds: 60, ...overrides };
}

/** A presigned URL for a key of the target's bucket. */
export function presigned(
  bench: Omit<Bench, 's3'>,
  key: string,
  request: Pick<PresignRequest, 'method' | 'headers' | 'query'>,
  overrides: Partial<SigningContext> = {},
): string {
  const target = targetOf(customEndpoint(bench.endpoint), bench.bucket, key);
  return presign({ ...request, target }, signingContext(bench, overrides));
}

/** Sends by plain `fetch`. */
export async function send(url: string, init: RequestInit = {}): Promise<WireAnswer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const body = await response.text();
  return { status: response.status, code: errorCode(body), headers: response.headers, body };
}

/** Sends exactly these headers and bytes, also where they contradict each other. */
export function sendRaw(
  url: string,
  {
    method,
    headers = {},
    body = [],
  }: { method: string; headers?: Record<string, string>; body?: Iterable<Uint8Array> },
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const entries = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          status: incoming.statusCode ?? 0,
          code: errorCode(text),
          headers: new Headers(Object.fromEntries(entries)),
          body: text,
        });
      });
    });
    outgoing.on('error', reject);
    for (const chunk of body) outgoing.write(chunk);
    outgoing.end();
  });
}

function errorCode(body: string): string {
  return body.includes('<Error>') ? (parseXml(body).value('Code') ?? '') : '';
}
