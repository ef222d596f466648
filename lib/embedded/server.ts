import * as http from 'node:http';
import type { Log } from '../telemetry/log.ts';
import type { Addressing } from './addressing.ts';
import { type Authority, authenticate } from './auth/authenticate.ts';
import { admit } from './auth/authorize.ts';
import { ConnectionClosed } from './blobs/content-reader.ts';
import { limitConnections } from './connection-limit.ts';
import type { Call, Reply, Services } from './call.ts';
import { corsHeaders, corsRulesOf, preflight } from './cors.ts';
import { checkExpectedOwner } from './operations/owner.ts';
import { isForm, postObject } from './operations/post-object.ts';
import { readCall } from './read-call.ts';
import { Refusal } from './refusal.ts';
import { newRequestId } from './request-id.ts';
import { refusalReply, send } from './respond.ts';
import { route } from './route.ts';
import { checkWishes } from './wishes.ts';

export interface ServerOptions {
  readonly services: Services;
  readonly authority: Authority;
  readonly addressing: Addressing;
  readonly corsOrigins: () => readonly string[];
  readonly log: Log;
  /** Makes the server itself. Default: one without TLS. */
  readonly createServer?: ((options: http.ServerOptions) => http.Server) | undefined;
}

/** Limits that keep a slow or hostile peer from holding memory or connections. */
const limits = {
  maxHeaderSize: 32 * 1024,
  headersTimeout: 20_000,
  keepAliveTimeout: 65_000,
  // A large body may take hours; what counts is that it moves.
  requestTimeout: 0,
} as const;
const idleTimeoutMilliseconds = 120_000;
/** @see https://sqlite.org/rescode.html#full */
const sqliteFull = 13;
/** How much of a refused body is read, and for how long, so that its sender gets to see the refusal. */
const refusedBody = { maxBytes: 64 * 1024 * 1024, maxMilliseconds: 5_000 };

/** Makes the HTTP server that speaks S3. */
export function createS3Server(options: ServerOptions): http.Server {
  const { createServer = http.createServer } = options;
  const server = createServer(limits);
  server.setTimeout(idleTimeoutMilliseconds);
  const isTooMany = limitConnections(server);
  const handle =
    (awaitsContinue: boolean) => (request: http.IncomingMessage, response: http.ServerResponse) => {
      const isOneTooMany = isTooMany(request.socket);
      const isLast = () => isOneTooMany || !server.listening;
      serve(options, { request, response, awaitsContinue, isOneTooMany, isLast }).catch((error: unknown) => {
        options.log('error', 'An answer of the embedded store could not be sent', { error });
        response.destroy();
      });
    };
  server.on('request', handle(false));
  server.on('checkContinue', handle(true));
  return server;
}

interface Exchange {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  /** Whether the client sends its body only when told to. */
  readonly awaitsContinue: boolean;
  /** Whether its connection is more than the store serves at a time. */
  readonly isOneTooMany: boolean;
  /** Whether its connection takes no further request. */
  readonly isLast: () => boolean;
}

async function serve(
  { services, authority, addressing, corsOrigins, log }: ServerOptions,
  exchange: Exchange,
): Promise<void> {
  const { request, response } = exchange;
  const requestId = newRequestId();
  let { awaitsContinue } = exchange;
  const body = () => {
    if (awaitsContinue) response.writeContinue();
    awaitsContinue = false;
    return request;
  };

  let bucketName = '';
  const corsRules = () => corsRulesOf(services, bucketName, corsOrigins());

  async function answer(): Promise<Reply> {
    if (exchange.isOneTooMany) throw new Refusal('SlowDown');
    const call: Call = readCall(request, requestId, addressing, body);
    bucketName = call.bucket;
    if (call.method === 'OPTIONS') return preflight(request.headers, corsRules());
    if (isForm(call)) return postObject(services, call, authority);
    const signed = await authenticate(call, authority);
    checkExpectedOwner(signed);
    const [needs, operation] = route(signed);
    admit(signed, needs);
    checkWishes(services, signed);
    return operation(services, signed);
  }

  function finished(reply: Reply): Reply {
    const headers = { 'x-amz-request-id': requestId, ...reply.headers };
    // A body that was not asked for may still come, so the connection is of no further use.
    const closes = awaitsContinue || exchange.isLast();
    return {
      ...reply,
      headers: {
        ...corsHeaders(request, corsRules, Object.keys(headers)),
        ...(closes && { connection: 'close' }),
        ...headers,
      },
    };
  }

  const withBody = request.method !== 'HEAD';
  try {
    await send(response, finished(await answer()), withBody);
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof ConnectionClosed)) {
      log('error', 'A request to the embedded store failed', { requestId, error });
    }
    if (response.headersSent) {
      // The status is out already: only a broken connection can tell that the body is not whole.
      response.destroy();
      return;
    }
    const refusal = error instanceof Refusal ? error : new Refusal(faultCode(error));
    const path = request.url?.split('?')[0] ?? '';
    await send(response, finished(refusalReply(refusal, { path, requestId })), withBody);
    if (!awaitsContinue) await discard(request);
  }
  response.end();
}

/** What a fault is to the client: the store's own, but for a disk that is full. */
function faultCode(error: unknown): 'InsufficientStorage' | 'InternalError' {
  const isFull =
    error instanceof Error &&
    (('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) ||
      ('errcode' in error && error.errcode === sqliteFull));
  return isFull ? 'InsufficientStorage' : 'InternalError';
}

/** Reads on for a while: a peer that is still sending would take a closed connection for a lost answer. */
async function discard(request: http.IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    let bytes = 0;
    const timer = setTimeout(() => request.destroy(), refusedBody.maxMilliseconds);
    const finish = () => {
      clearTimeout(timer);
      resolve();
    };
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > refusedBody.maxBytes) request.destroy();
    });
    request.once('end', finish);
    request.once('close', finish);
    request.resume();
  });
}
