import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { AppEnv } from '../http/env.ts';
import type { Peer } from '../http/peer.ts';

/**
 * The app as a Node HTTP server, not listening yet.
 *
 * @param createServer - makes the server itself; default: one without TLS
 */
export function createNodeServer(
  app: Hono<AppEnv>,
  createServer: (options: http.ServerOptions) => http.Server = http.createServer,
): http.Server {
  const server = createServer({
    requestTimeout: 60_000,
    headersTimeout: 15_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 32_768,
  });
  const peers = new WeakMap<Socket, Peer>();
  const listener = getRequestListener((request, { incoming: { socket, url: target } }) => {
    let peer = peers.get(socket);
    if (!peer) peers.set(socket, (peer = describePeer(socket)));
    return app.fetch(request, { peer, target });
  });
  return server.on('request', (request, response) => void listener(request, response));
}

/** Stays the same for as long as the connection lasts. */
function describePeer(socket: Socket): Peer {
  const isVouchedFor = socket instanceof TLSSocket && socket.authorized;
  return {
    address: socket.remoteAddress,
    ...(isVouchedFor && { certificateSubject: { ...socket.getPeerCertificate().subject } }),
  };
}

/** Begins to listen. @returns the port, which the system chooses where 0 was asked for */
export function listen(server: http.Server, port: number, host: string): Promise<number> {
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
export async function drain(server: http.Server, timeoutSeconds: number): Promise<void> {
  const deadline = setTimeout(() => server.closeAllConnections(), timeoutSeconds * 1000);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(deadline);
}
