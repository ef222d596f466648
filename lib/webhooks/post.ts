import { isIP, type LookupFunction } from 'node:net';
import type { KeptConnections } from './kept-connections.ts';
import { parseTargetUrl, resolveTarget, type Target, TargetError, type TargetRules } from './target.ts';

/** As in `lib/storage/exchange.ts`: importing these by name would load undici. */
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came of one attempt. Without a `statusCode` there was no answer, and `error` says why. */
export interface PostResult {
  readonly statusCode?: number;
  /** The beginning of the answer's body. */
  readonly response?: string;
  readonly error?: string;
  readonly durationMilliseconds: number;
}

export interface PostOptions extends TargetRules {
  /** For all of it: resolving, connecting, sending, the answer. Default: 10. */
  readonly timeoutSeconds?: number;
  /** Whom to trust, in PEM. Default: the public CAs. */
  readonly ca?: string;
  /** Default: each request has a connection of its own. */
  readonly connections?: KeptConnections;
}

/** More of an answer is not read. */
const maxResponseBytes = 16 * 1024;

/**
 * Posts a webhook to somebody unknown, so as not to be led into the network of the service: https only, to addresses
 * that were checked and to no others, without following redirects.
 *
 * Never throws: whatever goes wrong is a result.
 */
export async function postWebhook(request: PostRequest, options: PostOptions): Promise<PostResult> {
  const startedAt = performance.now();
  const { timeoutSeconds = 10 } = options;
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  const timedOut = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutSeconds} s`)));
  });
  const attempt = async () => {
    const url = parseTargetUrl(request.url, options);
    return send(await resolveTarget(url, options), request, signal, options);
  };
  const outcome = await Promise.race([attempt(), timedOut]).catch((error: unknown) => ({
    error: describe(error),
  }));
  return { ...outcome, durationMilliseconds: Math.round(performance.now() - startedAt) };
}

function send(
  target: Target,
  message: PostRequest,
  signal: AbortSignal,
  options: Pick<PostOptions, 'ca' | 'connections'>,
): Promise<Omit<PostResult, 'durationMilliseconds'>> {
  const { url, addresses } = target;
  const { headers, body } = message;
  const { ca, connections } = options;
  const isSecure = url.protocol === 'https:';
  const request = isSecure ? https.request : http.request;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const outgoing = request(url, {
      ...(ca !== undefined && { ca }),
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      agent: connections?.agentFor(isSecure, addresses) ?? false,
      lookup: lookupIn(addresses),
      signal,
    });
    let isAnswered = false;
    outgoing.on('error', (error) => {
      // The receiver had closed a connection that was kept: the next one is another, in the end a new one.
      if (!outgoing.reusedSocket || isAnswered || signal.aborted) reject(error);
      else resolve(send(target, message, signal, options));
    });
    outgoing.on('response', (incoming) => {
      isAnswered = true;
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      const end = () => {
        const response = Buffer.concat(chunks).subarray(0, maxResponseBytes).toString('utf8');
        resolve({ statusCode: incoming.statusCode ?? 0, response });
      };
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        sizeBytes += chunk.length;
        if (sizeBytes < maxResponseBytes) return;
        end();
        outgoing.destroy();
      });
      incoming.on('end', end);
      incoming.on('error', reject);
    });
    outgoing.end(body);
  });
}

/** Answers every question for a host with the addresses that were checked. */
function lookupIn(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all }, callback) => {
    const [first] = found;
    if (all || !first) callback(null, found);
    else callback(null, first.address, first.family);
  };
}

function describe(error: unknown): string {
  if (error instanceof TargetError) return error.message;
  if (!(error instanceof Error)) return 'the connection failed';
  // Happy Eyeballs fails with all of its failures, and an empty message.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return first instanceof Error ? first.message : 'the connection failed';
}
