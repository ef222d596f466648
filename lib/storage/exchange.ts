import type { IncomingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { S3Error } from './errors.ts';

/**
 * One HTTP request and its whole answer, over connections that are kept.
 *
 * By Node's own client, since `fetch` loads undici: 20 ms of a cold start and more. So does `import … from 'node:http'`,
 * which reads every export, `WebSocket` among them; hence `getBuiltinModule`.
 */

const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

export interface HttpRequest {
  readonly method: string;
  /** `https://files.s3.eu-west-1.amazonaws.com` */
  readonly origin: string;
  /** Sent as it is: a URL parser would resolve `..`, and so reach another object than the one signed for. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The bytes as UTF-8. */
  readonly body: string;
}

export interface HttpConnections {
  /** @throws {@link S3Error} with status 0: `NoAnswer`, or `AnswerTooLarge` */
  exchange: (request: HttpRequest, timeoutSeconds: number) => Promise<HttpResponse>;
  close: () => void;
}

/** S3's longest answer, a page of 1,000 versions with percent-encoded names, has about 4 MiB. */
const longestOfS3 = 16 * 2 ** 20;

export interface ConnectionsOptions {
  /** https, or plain http. */
  readonly secure: boolean;
  /** The longest body of an answer. Default: 16 MiB. */
  readonly maxResponseBytes?: number;
  /** Whom to trust and who to be, asked for every request. Default: the public CAs, and nobody. */
  readonly identity?: (() => TlsIdentity) | undefined;
}

/** A server's certificate that is trusted, and the one to show to it. */
export type TlsIdentity = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'checkServerIdentity' | 'allowPartialTrustChain'
>;

export function openConnections({
  secure,
  maxResponseBytes = longestOfS3,
  identity,
}: ConnectionsOptions): HttpConnections {
  const agentOptions = { keepAlive: true, maxSockets: 256, scheduling: 'lifo' } as const;
  const agent = secure ? new https.Agent(agentOptions) : new http.Agent(agentOptions);
  const send = secure ? https.request : http.request;

  function exchange(request: HttpRequest, timeoutSeconds: number): Promise<HttpResponse> {
    const { method, origin, path, headers, body } = request;
    return new Promise((resolve, reject) => {
      const outgoing = send({
        ...urlToHttpOptions(new URL(origin)),
        ...identity?.(),
        path,
        method,
        headers,
        agent,
      });
      const fail = (code: string, error: Error) => {
        clearTimeout(timer);
        reject(new S3Error(0, code, error.message, error));
      };
      // A total, not an idle time: whoever sends a byte now and then must not hold a caller for ever.
      const timer = setTimeout(
        () => outgoing.destroy(new Error(`no answer within ${timeoutSeconds} s`)),
        timeoutSeconds * 1000,
      );
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The server had closed an idle connection: that says nothing of this request, which goes over another one.
        if (outgoing.reusedSocket && error.code === 'ECONNRESET') {
          clearTimeout(timer);
          resolve(exchange(request, timeoutSeconds));
        } else {
          fail('NoAnswer', error);
        }
      });
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        let sizeBytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          sizeBytes += chunk.length;
          if (sizeBytes <= maxResponseBytes) {
            chunks.push(chunk);
          } else {
            fail('AnswerTooLarge', new Error(`the answer has more than ${maxResponseBytes} bytes`));
            incoming.destroy();
          }
        });
        incoming.on('error', (error) => fail('NoAnswer', error));
        incoming.on('end', () => {
          clearTimeout(timer);
          const { statusCode: status = 0, headers } = incoming;
          const bytes = Buffer.concat(chunks);
          // Whoever asked for bytes does not want them as text.
          const body = () => bytes.toString('utf8');
          resolve({
            status,
            headers,
            bytes,
            get body() {
              return body();
            },
          });
        });
      });
      outgoing.end(body);
    });
  }

  return { exchange, close: () => agent.destroy() };
}
