import { once } from 'node:events';
import { createServer, request } from 'node:http';

/** What becomes of a request: it passes, it is done but its answer is lost, or somebody else answers it. */
export type Fate = 'pass' | 'lose the answer' | { readonly status: number; readonly body: unknown };

export interface FaultyProxy {
  readonly endpoint: string;
  /** The fates of the next requests, in their order. Those behind pass. */
  readonly fates: Fate[];
  /** How many requests have come. */
  readonly count: () => number;
  readonly stop: () => Promise<void>;
}

/** An HTTP server of this process that stands before another one and spoils what it is told to. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const fates: Fate[] = [];
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    count += 1;
    const fate = fates.shift() ?? 'pass';
    if (typeof fate === 'object') {
      incoming.resume().on('end', () => {
        outgoing.writeHead(fate.status, { 'content-type': 'application/x-amz-json-1.0' });
        outgoing.end(JSON.stringify(fate.body));
      });
      return;
    }
    const { method, url, headers } = incoming;
    const forwarded = request(`${target}${url}`, { ...(method && { method }), headers }, (answer) => {
      if (fate === 'lose the answer') {
        answer.resume().on('end', () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    endpoint: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    fates,
    count: () => count,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
