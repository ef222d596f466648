import type * as http from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/** Connections that are served at a time. An upload that stands still holds some 130 KiB, so all of them 260 MiB. */
const maxServed = 2048;
/** For those beyond, to send their request and be told. */
const patienceMilliseconds = 1000;

/**
 * Keeps a flood of connections from taking all memory and file descriptors: beyond {@link maxServed}, a connection is
 * there to be refused, and beyond twice as many it is closed at once.
 *
 * @returns whether a connection is one too many
 */
export function limitConnections(server: http.Server): (socket: Socket) => boolean {
  const refused = new WeakSet<Socket>();
  let served = 0;
  server.maxConnections = 2 * maxServed;
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    if (served >= maxServed) {
      refused.add(socket);
      socket.setTimeout(patienceMilliseconds);
      return;
    }
    served += 1;
    socket.once('close', () => {
      served -= 1;
    });
  });
  return (socket) => refused.has(socket);
}
