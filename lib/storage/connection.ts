import { createHash } from 'node:crypto';
import { bucketNameAt, type Endpoint, targetOf } from './endpoint.ts';
import { S3Error } from './errors.ts';
import { type HttpResponse, openConnections, type TlsIdentity } from './exchange.ts';
import { signedHeaders } from './sign-request.ts';
import { canonicalQuery, type Credentials } from './sigv4.ts';
import { parseXml, XmlSyntaxError } from './xml.ts';

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

export type S3Response = HttpResponse;

export interface ConnectionOptions {
  readonly endpoint: Endpoint;
  readonly region: string;
  readonly credentials: Credentials;
  readonly now: () => Date;
  /** For an endpoint of a certificate that no public CA has signed. */
  readonly identity?: (() => TlsIdentity) | undefined;
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
  /** What storage calls a bucket. */
  nameOf: (bucket: string) => string;
  close: () => void;
}

export function connect(options: ConnectionOptions): Connection {
  const { endpoint, region, credentials, now, identity } = options;
  const { exchange, close } = openConnections({ secure: endpoint.origin.startsWith('https:'), identity });

  async function attempt(request: S3Request, timeoutSeconds: number): Promise<S3Response> {
    const target = targetOf(endpoint, request.bucket, request.key);
    const body = request.body ?? '';
    const query = canonicalQuery(request.query ?? []);
    const headers = signedHeaders(
      {
        method: request.method,
        target,
        query,
        headers: { ...request.headers, ...(request.body !== undefined && bodyHeaders(body)) },
        body,
      },
      { credentials, region, service: 's3', time: now() },
    );
    const path = query === '' ? target.path : `${target.path}?${query}`;
    const response = await exchange(
      { method: request.method, origin: target.origin, path, headers, body },
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

  return { send, nameOf: (bucket) => bucketNameAt(endpoint, bucket), close };
}

/**
 * The signature covers the body's SHA-256 already; but DeleteObjects and PutBucketLifecycleConfiguration are refused
 * without an MD5 or a checksum header, and the MD5 is the one that every S3 server knows.
 */
function bodyHeaders(body: string): Record<string, string> {
  return {
    'content-md5': createHash('md5').update(body).digest('base64'),
    'content-length': String(Buffer.byteLength(body)),
  };
}

const transientStatuses: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const transientCodes: ReadonlySet<string> = new Set([
  'NoAnswer',
  'RequestTimeout',
  'InternalError',
  'SlowDown',
]);

function isTransient({ status, code }: S3Error): boolean {
  return transientStatuses.has(status) || transientCodes.has(code);
}

/** S3 answers CompleteMultipartUpload and CopyObject with 200 before it knows how they end: an error may stand inside. */
function throwOnError(response: S3Response): void {
  const hidden = response.status === 200 && /^\s*(?:<\?xml[^>]*>\s*)?<Error[\s>]/.test(response.body);
  if (response.status < 300 && !hidden) return;
  const { code, message } = describeFailure(response);
  throw new S3Error(hidden ? 500 : response.status, code, message);
}

/** What an answer without a body, such as every one to HEAD, means. */
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
  try {
    // S3 keeps a slow answer alive with white space before its first element.
    const error = parseXml(body.trimStart());
    return {
      code: error.value('Code') ?? fallback.code,
      message: error.value('Message') ?? fallback.message,
    };
  } catch (error) {
    // A proxy's page, or nothing at all.
    if (error instanceof XmlSyntaxError) return fallback;
    throw error;
  }
}
