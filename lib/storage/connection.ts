import { createHash } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import { type Endpoint, targetOf } from './endpoint.ts';
import { S3Error } from './errors.ts';
import { signedHeaders } from './sign-request.ts';
import { canonicalQuery, type Credentials } from './sigv4.ts';
import { parseXml } from './xml.ts';

/**
 * Requests of the service itself to storage: signed in the header, over connections that are kept. Plain
 * `node:http`, because `fetch` alone adds about 20 ms to a cold start and the AWS SDK about 45.
 */

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly bucket: string;
  readonly key?: string;
  readonly query?: Iterable<readonly [name: string, value: string]>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface S3Response {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface ConnectionOptions {
  readonly endpoint: Endpoint;
  readonly region: string;
  readonly credentials: Credentials;
  readonly now: () => Date;
  /** How long one attempt may take. Default: 10. */
  readonly timeoutSeconds?: number;
  /** Attempts in all, with exponential back-off and full jitter between them. Default: 3. */
  readonly attempts?: number;
}

export interface Connection {
  /** @throws {@link S3Error} for every answer that is no success, also for a success that carries an error inside */
  send: (
    request: S3Request,
    overrides?: { readonly attempts?: number; readonly timeoutSeconds?: number },
  ) => Promise<S3Response>;
  close: () => void;
}

const maxResponseBytes = 64 * 2 ** 20;

export function connect(options: ConnectionOptions): Connection {
  const { endpoint, region, credentials, now } = options;
  const secure = endpoint.origin.startsWith('https:');
  const agentOptions = { keepAlive: true, maxSockets: 256, scheduling: 'lifo' } as const;
  const agent = secure ? new https.Agent(agentOptions) : new http.Agent(agentOptions);

  async function attempt(request: S3Request, timeoutSeconds: number): Promise<S3Response> {
    const target = targetOf(endpoint, request.bucket, request.key);
    const body = request.body ?? '';
    const query = canonicalQuery(request.query ?? []);
    const headers = signedHeaders(
      {
        method: request.method,
        target,
        query,
        headers: {
          ...request.headers,
          ...(request.body !== undefined && {
            'content-md5': createHash('md5').update(body).digest('base64'),
            'content-length': String(Buffer.byteLength(body)),
          }),
        },
        body,
      },
      { credentials, region, service: 's3', time: now() },
    );
    const url = `${target.origin}${target.path}${query && `?${query}`}`;
    const response = await exchange(
      secure ? https.request : http.request,
      url,
      { method: request.method, headers, agent },
      body,
      timeoutSeconds,
    );
    throwOnError(response);
    return response;
  }

  async function send(
    request: S3Request,
    overrides: { attempts?: number; timeoutSeconds?: number } = {},
  ): Promise<S3Response> {
    const attempts = overrides.attempts ?? options.attempts ?? 3;
    const timeoutSeconds = overrides.timeoutSeconds ?? options.timeoutSeconds ?? 10;
    for (let count = 1; ; count += 1) {
      try {
        return await attempt(request, timeoutSeconds);
      } catch (error) {
        if (count >= attempts || !(error instanceof S3Error) || !isTransient(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 100 * 2 ** count));
      }
    }
  }

  return { send, close: () => agent.destroy() };
}

function isTransient({ status, code }: S3Error): boolean {
  return (
    status === 0 ||
    status >= 500 ||
    status === 429 ||
    code === 'RequestTimeout' ||
    code === 'InternalError' ||
    code === 'SlowDown'
  );
}

/** S3 answers CompleteMultipartUpload and CopyObject with 200 before it knows how they end: an error may stand inside. */
function throwOnError(response: S3Response): void {
  const hidden = response.status === 200 && /^\s*(?:<\?xml[^>]*>\s*)?<Error[\s>]/.test(response.body);
  if (response.status < 300 && !hidden) return;
  const { code, message } = describeFailure(response);
  throw new S3Error(hidden ? 500 : response.status, code, message);
}

const codesByStatus: Readonly<Record<number, string>> = {
  304: 'NotModified',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  405: 'MethodNotAllowed',
  409: 'OperationAborted',
  412: 'PreconditionFailed',
  429: 'SlowDown',
  503: 'ServiceUnavailable',
};

function describeFailure({ status, body }: S3Response): { code: string; message: string } {
  const fallback = {
    code: codesByStatus[status] ?? `Status${status}`,
    message: `storage answered ${status}`,
  };
  if (!body.includes('<Error')) return fallback;
  const error = parseXml(body);
  return { code: error.value('Code') ?? fallback.code, message: error.value('Message') ?? fallback.message };
}

function exchange(
  request: typeof http.request,
  url: string,
  options: http.RequestOptions,
  body: string,
  timeoutSeconds: number,
): Promise<S3Response> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new S3Error(0, 'NoAnswer', error.message, error));
    const outgoing = request(
      url,
      { ...options, signal: AbortSignal.timeout(timeoutSeconds * 1000) },
      (incoming) => {
        const chunks: Buffer[] = [];
        let sizeBytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          sizeBytes += chunk.length;
          if (sizeBytes > maxResponseBytes) incoming.destroy(new Error('the answer is too large'));
        });
        incoming.on('error', fail);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}
