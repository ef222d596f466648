import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { AppEnv } from '../http/env.ts';

/** The app as a Node HTTP server, not listening yet. */
export function createNodeServer(app: Hono<AppEnv>): Server {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      requestTimeout: 60_000,
      headersTimeout: 15_000,
      keepAliveTimeout: 65_000,
      maxHeaderSize: 32_768,
    },
  });
  // The adaptor also makes HTTP/2 servers; without a `createServer` of ours it is this one.
  if (!('closeIdleConnections' in server)) throw new TypeError('expected an HTTP/1.1 server');
  return server;
}

/** Begins to listen. @returns the port, which the system chooses where 0 was asked for */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address: string | AddressInfo | null = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Takes no new connection and waits for the requests under way; those still open after the time are cut. */
export async function drain(server: Server, timeoutSeconds: number): Promise<void> {
  const deadline = setTimeout(() => server.closeAllConnections(), timeoutSeconds * 1000);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(deadline);
}
