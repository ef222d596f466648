import { linkedController, throwIfAborted } from './abort.ts';
import { ConnectionError, type Problem, StowageApiError } from './errors.ts';
import { type RetryPolicy, withRetries } from './retry.ts';

/** An API key, a delegated token or an OIDC access token; a function is asked before every request, so it may renew. */
export type Credential = string | (() => string | Promise<string>);

export interface ApiOptions {
  /** Where the service answers, such as `https://files.example.com`; `''` for the page's own origin. */
  readonly baseUrl: string;
  /** Default: none, for what is open to all. */
  readonly credential?: Credential;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  readonly retry?: RetryPolicy;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Encoded, beginning with `/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** Whether a browser keeps the cookies that the answer sets, also from another origin. Default: it does not. */
  readonly keepsCookies?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Api {
  /**
   * One exchange with the service, repeated on connection errors, 408, 429 and 5xx. Every route bears repetition:
   * what a lost answer left behind (an upload without parts, a token) expires by itself.
   *
   * @throws {@link StowageApiError} when the service refuses, {@link ConnectionError} when it does not answer
   */
  request<Answer>(request: ApiRequest): Promise<Answer>;
  /** The service's time in milliseconds: on phones the clock is often wrong, and expiries are told in the service's time. */
  now(): number;
}

/** Completing the largest upload takes storage most of a minute. */
const timeoutMilliseconds = 90_000;

export function createApi(options: ApiOptions): Api {
  const { credential, retry = {} } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  let clockOffset = 0;

  async function exchange<Answer>(request: ApiRequest): Promise<Answer> {
    const token = typeof credential === 'function' ? await credential() : credential;
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    const { response, text } = await fetchText(
      `${baseUrl}${request.path}${queryOf(request)}`,
      {
        method: request.method,
        headers,
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        ...(request.keepsCookies && { credentials: 'include' }),
      },
      request.signal,
    );
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) clockOffset = date - Date.now();
    if (!response.ok) throw refusal(response, text);
    try {
      // 204 has no body. Types are not checked: the client trusts the service that it was pointed at.
      return JSON.parse(text === '' ? 'null' : text);
    } catch {
      throw new StowageApiError(response.status, foreignAnswer(response.status));
    }
  }

  async function fetchText(url: string, init: RequestInit, signal: AbortSignal | undefined) {
    const { controller, release } = linkedController(signal);
    const timer = setTimeout(() => controller.abort(new Error('no answer in time')), timeoutMilliseconds);
    try {
      const response = await (options.fetch ?? fetch)(url, { ...init, signal: controller.signal });
      return { response, text: await response.text() };
    } catch (error) {
      throwIfAborted(signal);
      throw new ConnectionError(`no answer from ${baseUrl || 'the service'}`, { cause: error });
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  return {
    request: (request) => withRetries(() => exchange(request), retry, request.signal),
    now: () => Date.now() + clockOffset,
  };
}

/** A key as a part of a path: its slashes stay. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

function queryOf({ query = {} }: ApiRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function refusal(response: Response, text: string): StowageApiError {
  const retryAfterSeconds = Number(response.headers.get('retry-after')) || 0;
  return new StowageApiError(response.status, problemOf(response.status, text), retryAfterSeconds);
}

/** A proxy before the service may answer in its own way: then the status has to do. */
function problemOf(status: number, text: string): Problem {
  try {
    const problem: unknown = JSON.parse(text);
    if (isProblem(problem)) return problem;
  } catch {
    // not JSON: not the service's own answer
  }
  return foreignAnswer(status);
}

function foreignAnswer(status: number): Problem {
  return { code: `http_${status}`, detail: `the answer ${status} does not come from Stowage` };
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
}
