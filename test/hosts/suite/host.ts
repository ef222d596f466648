import * as v from 'valibot';
import { expect } from 'vitest';
import { problem } from '../../../lib/http/schema.ts';
import { tokenAnswer } from '../../../lib/access/schema.ts';
import { uploadAnswer } from '../../../lib/uploads/schema.ts';
import { rootKey } from '../../support/service.ts';

export type Body = string | Uint8Array<ArrayBuffer>;

/** A host of the service, and a real embedded store behind it: bytes really move. */
export interface Host {
  /**
   * One HTTP request. Redirects are not followed.
   *
   * @param from - the address that the proxy before the host sees; default: one that nobody else has
   */
  readonly request: (
    method: string,
    target: string,
    headers: Record<string, string>,
    body?: Body,
    from?: string,
  ) => Promise<Response>;
  /** Where the host listens, if it does. */
  readonly address?: string;
  /** Does the host itself limit how often somebody calls? On Lambda, the API Gateway and the firewall do. */
  readonly countsRequests?: boolean;
  /** False where the machine lacks the database that this host keeps its records in. */
  readonly hasRecords: boolean;
  /** Where the CDN answers that stands before the bucket `images`. Default: there is none. */
  readonly cdnOrigin?: string;
  readonly close: () => Promise<void>;
}

/** So many wrong credentials a host takes from one address. */
export const wrongCredentialsPerMinute = 20;

/** The configuration that every host of the suite runs with; what a test starts itself adds {@link trusting}. */
export const suiteConfiguration = {
  buckets: {
    files: { maxObjectBytes: 64 * 2 ** 20 },
    images: { contentTypes: ['image/*'], versioning: true, cdn: {} },
  },
  access: { corsOrigins: ['https://app.example.com'] },
};

/** The same with an OpenID provider that it trusts, behind one proxy. */
export function trusting(issuer: string) {
  const grants = [{ bucket: 'files', prefix: '${tenant}/${sub}/', actions: ['read', 'write'] }];
  return {
    ...suiteConfiguration,
    access: {
      ...suiteConfiguration.access,
      issuers: [{ issuer, audience: 'stowage', tenantClaim: 'org', grants }],
      trustedProxyHops: 1,
    },
    limits: { wrongCredentialsPerMinute },
  };
}

export type SuiteConfiguration = ReturnType<typeof trusting>;

let lastAddress = 0;

/** What a proxy before the host makes of `X-Forwarded-For`: it appends the address that it sees. */
export function behindProxy(
  headers: Readonly<Record<string, string>>,
  from = `2001:db8:${(lastAddress += 1).toString(16)}::1`,
): Record<string, string> {
  const { 'x-forwarded-for': forged, ...rest } = headers;
  return { ...rest, 'x-forwarded-for': forged === undefined ? from : `${forged}, ${from}` };
}

export type Problem = v.InferOutput<typeof problem>;
export type UploadAnswer = v.InferOutput<typeof uploadAnswer>;

/** The API as a caller sees it: by default as root. */
export class Api {
  readonly #host: () => Host;
  readonly #credential: string;

  constructor(host: () => Host, credential = rootKey) {
    this.#host = host;
    this.#credential = credential;
  }

  /** Where the host listens; empty where it does not. */
  get address(): string {
    return this.#host().address ?? '';
  }

  get countsRequests(): boolean {
    return this.#host().countsRequests ?? false;
  }

  get credential(): string {
    return this.#credential;
  }

  /** False where this host lacks its database of records: what needs one is to be skipped. */
  get hasRecords(): boolean {
    return this.#host().hasRecords;
  }

  get cdnOrigin(): string | undefined {
    return this.#host().cdnOrigin;
  }

  as(credential: string): Api {
    return new Api(this.#host, credential);
  }

  /** A request just so, without a credential. */
  raw(
    method: string,
    target: string,
    headers: Record<string, string> = {},
    body?: Body,
    from?: string,
  ): Promise<Response> {
    return this.#host().request(method, target, headers, body, from);
  }

  call(
    method: string,
    target: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const own = { authorization: `Bearer ${this.#credential}`, ...headers };
    return body === undefined
      ? this.raw(method, target, own)
      : this.raw(method, target, { 'content-type': 'application/json', ...own }, JSON.stringify(body));
  }

  /** The answer of a call that must succeed. */
  async ask<T>(
    schema: v.GenericSchema<unknown, T>,
    method: string,
    target: string,
    body?: unknown,
  ): Promise<T> {
    const response = await this.call(method, target, body);
    const text = await response.text();
    expect(response.ok, `${method} ${target}: ${response.status} ${text}`).toBe(true);
    return v.parse(schema, JSON.parse(text));
  }

  /** The refusal of a call that must fail, as `403 access_denied`. */
  async refusal(method: string, target: string, body?: unknown): Promise<string> {
    const { status, code } = await problemOf(await this.call(method, target, body));
    return `${status} ${code}`;
  }

  /** A delegated token's holder. */
  async delegate(command: { grants: readonly object[] } & Readonly<Record<string, unknown>>): Promise<Api> {
    return this.as((await this.ask(tokenAnswer, 'POST', '/v1/tokens', command)).token);
  }

  begin(command: { key: string } & Readonly<Record<string, unknown>>): Promise<UploadAnswer> {
    return this.ask(uploadAnswer, 'POST', '/v1/uploads', { bucket: 'files', sizeBytes: 1, ...command });
  }

  /** Puts an object in place, and completes its upload. */
  async store(
    key: string,
    text: string,
    command: Readonly<Record<string, unknown>> = {},
  ): Promise<UploadAnswer> {
    const upload = await this.send(key, text, command);
    expect((await this.call('POST', `/v1/uploads/${upload.uploadId}/complete`)).status).toBe(200);
    return upload;
  }

  /** Puts an object in place, as somebody does who vanishes then. */
  async send(
    key: string,
    text: string,
    command: Readonly<Record<string, unknown>> = {},
  ): Promise<UploadAnswer> {
    const sizeBytes = Buffer.byteLength(text);
    const upload = await this.begin({ key, sizeBytes, contentType: 'text/plain', method: 'put', ...command });
    if (upload.method !== 'put') throw new Error(upload.method);
    const sent = await fetch(upload.put.url, { method: 'PUT', headers: upload.put.headers, body: text });
    expect(sent.status, await sent.text()).toBe(200);
    return upload;
  }
}

/** A refusal's document (RFC 9457), which must agree with the response that carries it. */
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  expect(response.headers.get('content-type'), text).toBe('application/problem+json');
  const document = v.parse(problem, JSON.parse(text));
  expect(document.status).toBe(response.status);
  expect(document.type).toBe(`urn:stowage:problem:${document.code}`);
  expect(document.requestId).toBe(response.headers.get('x-request-id'));
  return document;
}

/** A key as it stands in a path. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}
