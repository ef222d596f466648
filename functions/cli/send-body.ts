import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ConnectionError } from '../../lib/client/errors.ts';
import type { BodyAnswer, SendBody } from '../../lib/client/send-body.ts';

/** Reading the file failed: no reason to try the network again. */
class SourceError extends Error {
  override readonly name = 'SourceError';
}

/** A connection that is silent for this long is given up and the part sent again. */
const idleMilliseconds = 60_000;

const agentOptions = { keepAlive: true, timeout: idleMilliseconds } as const;
const agents = { http: new http.Agent(agentOptions), https: new https.Agent(agentOptions) };

/**
 * Sends bodies over `node:http`: the file is read only as fast as the network takes it, so progress is what has really
 * left, and connections are kept for the next part. `fetch` would tell nothing until the end of a part.
 */
export const nodeSender: SendBody = ({ url, headers, body, onProgress, signal }) => {
  const isSecure = url.startsWith('https:');
  const outgoing = isSecure
    ? https.request(url, { method: 'PUT', headers, signal, agent: agents.https })
    : http.request(url, { method: 'PUT', headers, signal, agent: agents.http });
  outgoing.setTimeout(idleMilliseconds, () =>
    outgoing.destroy(new Error('the connection was silent for a minute')),
  );

  async function* pieces() {
    let sentBytes = 0;
    try {
      for await (const piece of body.stream()) {
        yield piece;
        sentBytes += piece.length;
        onProgress(sentBytes);
      }
    } catch (error) {
      throw new SourceError('the file could not be read, or was changed meanwhile', { cause: error });
    }
  }

  const answered = new Promise<BodyAnswer>((resolve, reject) => {
    outgoing.on('response', (incoming) => {
      incoming.setEncoding('utf8');
      let text = '';
      incoming.on('data', (piece: string) => {
        text += piece;
      });
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject);
  });
  // A refusal may come before the whole body has left; what is left of it is then of no use.
  const sent = pipeline(Readable.from(pieces()), outgoing).then(() => answered);
  return Promise.race([answered, sent])
    .catch((error: unknown) => {
      signal.throwIfAborted();
      throw error instanceof SourceError
        ? error
        : new ConnectionError('the connection to storage was lost', { cause: error });
    })
    .finally(() => {
      if (!outgoing.writableFinished) outgoing.destroy();
    });
};
