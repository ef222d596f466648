import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { drain, listen } from '../../lib/hosts/node.ts';

/** A request as a receiver sees it. */
export interface ReceivedWebhook {
  readonly id: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  /** When it came, as `performance.now` tells. */
  readonly at: number;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly port: number;
  /** All requests, whatever the answer was. */
  readonly received: ReceivedWebhook[];
  /** The ids of the events that were taken with a 2xx. */
  readonly taken: ReadonlySet<string>;
  /** How many requests were under way at once, at most. */
  readonly peak: () => number;
  /** Changes what it answers from now on; an answer may take its time. */
  readonly answer: (with_: Answer) => void;
  readonly close: () => Promise<void>;
}

export type Answer = (request: ReceivedWebhook) => number | Promise<number>;

/** Somebody who is told of events. At first it answers 200. @param port - default: one that the system chooses */
export async function startReceiver(port = 0): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const taken = new Set<string>();
  let answer: Answer = () => 200;
  let underWay = 0;
  let peak = 0;
  async function receive(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await text(incoming);
    const id = String(incoming.headers['webhook-id']);
    const request = { id, body, headers: incoming.headers, at: performance.now() };
    received.push(request);
    const status = await answer(request);
    if (status >= 200 && status < 300) taken.add(id);
    outgoing.writeHead(status).end(`answered ${status}`);
  }

  const server = createServer((incoming, outgoing) => {
    underWay += 1;
    peak = Math.max(peak, underWay);
    outgoing.on('close', () => {
      underWay -= 1;
    });
    void receive(incoming, outgoing);
  });
  const listening = await listen(server, port, '127.0.0.1');
  return {
    url: `http://127.0.0.1:${listening}/hook`,
    port: listening,
    received,
    taken,
    peak: () => peak,
    answer: (next) => {
      answer = next;
    },
    close: async () => {
      server.closeAllConnections();
      await drain(server, 1);
    },
  };
}

/** What a request says, if the library of Standard Webhooks finds its signature good. @throws WebhookVerificationError */
export function verified(secret: string, { body, headers }: ReceivedWebhook): unknown {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return new Webhook(secret).verify(body, Object.fromEntries(texts));
}
