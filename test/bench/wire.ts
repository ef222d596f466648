import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * An HTTP/1.1 client that costs next to nothing, so that what a bench measures is the server: it reads into one buffer,
 * writes what it is given, and understands just answers that have a `content-length`.
 */
export interface Connection {
  /**
   * Sends a request and waits for the end of its answer.
   *
   * @param body - sent as it is, one piece after another
   * @returns what of the answer's body has come, in bytes
   * @throws Error when the answer is no success
   */
  readonly exchange: (head: string, body?: Iterable<Uint8Array>) => Promise<number>;
  readonly close: () => void;
}

const readBytes = 1024 * 1024;

export async function openConnection(port: number): Promise<Connection> {
  let take: (bytes: Buffer) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const buffer = Buffer.allocUnsafe(readBytes);
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer,
      callback: (count) => {
        take(buffer.subarray(0, count));
        return true;
      },
    },
  });
  await once(socket, 'connect');
  socket.on('error', (error) => fail(error));
  socket.on('close', () => fail(new Error('The server has closed the connection.')));

  const answer = () =>
    new Promise<number>((resolve, reject) => {
      fail = reject;
      let head = '';
      let bodyBytes = 0;
      let expectedBytes: number | undefined;
      take = (bytes) => {
        let count = bytes.length;
        if (expectedBytes === undefined) {
          const before = head.length;
          head += bytes.toString('latin1');
          const end = head.indexOf('\r\n\r\n');
          if (end < 0) return;
          if (!/^HTTP\/1\.1 20[0146]/.test(head)) reject(new Error(head));
          expectedBytes = Number(/\r\ncontent-length: *(?<bytes>\d+)/i.exec(head)?.groups?.['bytes'] ?? 0);
          count = bytes.length - (end + 4 - before);
        }
        bodyBytes += count;
        if (bodyBytes >= expectedBytes) resolve(bodyBytes);
      };
    });

  return {
    exchange: async (head, body = []) => {
      const answered = answer();
      answered.catch(() => undefined);
      socket.write(head);
      for (const piece of body) await written(socket, piece);
      return answered;
    },
    close: () => {
      fail = () => undefined;
      socket.destroy();
    },
  };
}

function written(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
