import { randomBytes } from 'node:crypto';
import * as http from 'node:http';
import type { Log } from '../telemetry/log.ts';
import { type Authority, authenticate } from './auth/authenticate.ts';
import type { Call, Reply, Services } from './call.ts';
import { corsHeaders, preflight } from './cors.ts';
import { isForm, postObject } from './operations/post-object.ts';
import { readCall } from './read-call.ts';
import { Refusal } from './refusal.ts';
import { refusalReply, send } from './respond.ts';
import { route } from './route.ts';

export interface ServerOptions {
  readonly services: Services;
  readonly authority: Authority;
  readonly corsOrigins: () => readonly string[];
  readonly log: Log;
}

/** Limits that keep a slow or hostile peer from holding memory or connections. */
const limits = {
  maxHeaderSize: 32 * 1024,
  headersTimeout: 20_000,
  keepAliveTimeout: 65_000,
  // A large body may take hours; what counts is that it moves.
  requestTimeout: 0,
  highWaterMark: 1024 * 1024,
} as const;
const idleTimeoutMilliseconds = 60_000;
/** How much of a refused body is read, and for how long, so that its sender gets to see the refusal. */
const refusedBody = { maxBytes: 64 * 1024 * 1024, maxMilliseconds: 5_000 };

/** Makes the HTTP server that speaks S3. */
export function createS3Server({ services, authority, corsOrigins, log }: ServerOptions): http.Server {
  const server = http.createServer(limits);
  server.setTimeout(idleTimeoutMilliseconds);

  function answer(call: Call): Reply | Promise<Reply> {
    if (isForm(call)) return postObject(services, call, authority);
    const signed = authenticate(call, authority);
    return route(signed)(services, signed);
  }

  async function handle(request: http.IncomingMessage, response: http.ServerResponse, mustContinue: boolean) {
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    let awaitsContinue = mustContinue;
    const body = () => {
      if (awaitsContinue) response.writeContinue();
      awaitsContinue = false;
      return request;
    };
    const withId = (reply: Reply, allowed: Readonly<Record<string, string>>): Reply => ({
      ...reply,
      headers: { 'x-amz-request-id': requestId, ...allowed, ...reply.headers },
    });
    const allowed = corsHeaders(request.headers, corsOrigins());
    const withBody = request.method !== 'HEAD';
    try {
      const reply =
        request.method === 'OPTIONS'
          ? preflight(request.headers, corsOrigins())
          : await answer(readCall(request, requestId, body));
      await send(response, withId(reply, allowed), withBody);
    } catch (error) {
      if (!(error instanceof Refusal))
        log('error', 'A request to the embedded store failed', { requestId, error });
      if (response.headersSent) {
        // The status is out already: only a broken connection can tell that the body is not whole.
        response.destroy();
        return;
      }
      const refusal = error instanceof Refusal ? error : new Refusal('InternalError');
      const reply = refusalReply(refusal, { path: request.url?.split('?')[0] ?? '', requestId });
      await send(response, withId(reply, allowed), withBody);
      if (!awaitsContinue) await discard(request);
    }
    response.end();
  }

  const onRequest =
    (mustContinue: boolean) => (request: http.IncomingMessage, response: http.ServerResponse) =>
      void handle(request, response, mustContinue).catch((error: unknown) => {
        log('error', 'An answer of the embedded store could not be sent', { error });
        response.destroy();
      });
  server.on('request', onRequest(false));
  server.on('checkContinue', onRequest(true));
  return server;
}

/** Reads on for a while: a peer that is still sending would take a closed connection for a lost answer. */
async function discard(request: http.IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    let bytes = 0;
    const giveUp = () => {
      request.destroy();
      resolve();
    };
    const timer = setTimeout(giveUp, refusedBody.maxMilliseconds);
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > refusedBody.maxBytes) giveUp();
    });
    request.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    request.once('end', resolve);
    request.resume();
  });
}
