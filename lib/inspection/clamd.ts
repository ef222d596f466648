import { once } from 'node:events';
import { connect } from 'node:net';
import type { Scan } from '../events/object-event.ts';
import type { Scanner } from './scanner.ts';

/** Where ClamAV's daemon listens. */
export type ClamdAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** For one piece; ClamAV reads while it is sent, and looks at all of it at the end. */
const timeoutSeconds = 120;

/**
 * Asks ClamAV's daemon by its own protocol: bytes are streamed to it, and nothing is written to a disk that both see.
 *
 * @see https://docs.clamav.net/manual/Usage/Scanning.html#clamd
 */
export function clamd(address: ClamdAddress): Scanner {
  return {
    scan: async (pieces) => {
      const socket = connect(address);
      socket.setTimeout(timeoutSeconds * 1000, () => socket.destroy(new Error('ClamAV does not answer.')));
      const answers: Buffer[] = [];
      socket.on('data', (data: Buffer) => answers.push(data));
      const ended = once(socket, 'end');
      // It is waited for below, unless sending fails before.
      ended.catch(() => undefined);
      try {
        await once(socket, 'connect');
        socket.write('zINSTREAM\0');
        for await (const piece of pieces) {
          // ClamAV has seen enough, or too much: it has answered already.
          if (answers.length > 0) break;
          socket.write(lengthOf(piece));
          if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), ended]);
        }
        if (answers.length === 0) socket.write(lengthOf(Buffer.alloc(0)));
        await ended;
      } catch (error) {
        // Whoever has answered hangs up, also in the middle of what is sent.
        if (answers.length === 0) throw error;
      } finally {
        socket.destroy();
      }
      return readAnswer(Buffer.concat(answers).toString('utf8').replace(/\0$/, ''));
    },
  };
}

function lengthOf(piece: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(piece.length);
  return length;
}

function readAnswer(answer: string): Scan {
  if (answer === 'stream: OK') return { result: 'clean', threats: [] };
  const { threat } = /^stream: (?<threat>.+) FOUND$/.exec(answer)?.groups ?? {};
  if (threat !== undefined) return { result: 'infected', threats: [threat] };
  // Its `StreamMaxLength`: another try would end the same.
  if (answer.startsWith('INSTREAM size limit exceeded')) return { result: 'unscanned', threats: [] };
  throw new Error(`ClamAV could not scan: ${answer === '' ? 'it has hung up' : answer}`);
}
