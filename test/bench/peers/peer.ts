import { signedHeaders } from '../../../lib/storage/sign-request.ts';
import {
  canonicalQuery,
  type Credentials,
  unsignedPayload,
  uriEncodePath,
} from '../../../lib/storage/sigv4.ts';

/** A server that runs for a bench: ours, or one that ours is measured against. It has a bucket or folder `files`. */
export interface Peer {
  readonly port: number;
  /** Absent where the server is more than one process. */
  readonly pid?: number;
  /** Makes the head of a request, with what the server wants to see before it answers. */
  readonly head: (request: RequestHead) => string;
  readonly stop: () => Promise<void>;
}

export interface RequestHead {
  readonly method: 'GET' | 'PUT';
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Of the body, as it goes over the wire. */
  readonly contentBytes?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The value of `x-amz-content-sha256`. */
  readonly payload?: string;
}

/** A head without any signature. */
export function plainHead(
  port: number,
  { method, key, query = {}, contentBytes, headers = {} }: RequestHead,
): string {
  const search = canonicalQuery(Object.entries(query));
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    ...(contentBytes !== undefined && { 'content-length': String(contentBytes) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} /files/${uriEncodePath(key)}${search && `?${search}`} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A head signed with SigV4 in its headers. */
export function signedHead(port: number, credentials: Credentials, request: RequestHead): string {
  const { method, key, query = {}, headers = {}, payload: payloadHash = unsignedPayload } = request;
  const host = `127.0.0.1:${port}`;
  const signed = signedHeaders(
    {
      method,
      target: { origin: `http://${host}`, host, path: `/files/${uriEncodePath(key)}` },
      query: canonicalQuery(Object.entries(query)),
      headers,
      body: '',
      payloadHash,
    },
    { credentials, region: 'us-east-1', service: 's3', time: new Date() },
  );
  return plainHead(port, { ...request, headers: signed });
}
