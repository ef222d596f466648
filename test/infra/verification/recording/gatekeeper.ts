import * as http from 'node:http';
import { drain, listen } from '../../../../lib/hosts/node.ts';
import type { AwsRequest, NeededPermission } from './aws-request.ts';

/** A server in front of a stand-in of AWS, which lets through what IAM would and refuses the rest. */
export interface Gatekeeper {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export interface GatekeeperOptions {
  /** The stand-in. */
  readonly targetUrl: string;
  readonly permissionsFor: (request: AwsRequest) => NeededPermission[];
  readonly isAllowed: (permission: NeededPermission) => Promise<boolean>;
}

/** Requests go on just as they came, since their signatures cover the host that was called. */
export async function startGatekeeper({
  targetUrl,
  permissionsFor,
  isAllowed,
}: GatekeeperOptions): Promise<Gatekeeper> {
  const server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      answer(incoming, Buffer.concat(chunks), outgoing).catch((error: unknown) =>
        outgoing.writeHead(501).end(String(error)),
      );
    });
  });

  async function answer(
    incoming: http.IncomingMessage,
    body: Buffer,
    outgoing: http.ServerResponse,
  ): Promise<void> {
    const refusal = await refusalOf(incoming, body);
    if (refusal === undefined) forward(incoming, body, outgoing);
    else outgoing.writeHead(403, { 'content-type': 'application/xml' }).end(accessDenied(refusal));
  }

  async function refusalOf(incoming: http.IncomingMessage, body: Buffer): Promise<string | undefined> {
    const [path = '', query = ''] = (incoming.url ?? '').split(/\?(.*)/s);
    // A page of another origin asks whether it may ask; nobody's rights are needed for that.
    if (incoming.method === 'OPTIONS') return undefined;
    const request = {
      method: incoming.method ?? '',
      path,
      query: new URLSearchParams(query),
      headers: incoming.headers,
      body: body.toString('latin1'),
    };
    for (const permission of permissionsFor(request)) {
      if (!(await isAllowed(permission))) return `${permission.action} on ${permission.resource}`;
    }
    return undefined;
  }

  function forward(incoming: http.IncomingMessage, body: Buffer, outgoing: http.ServerResponse): void {
    const { method = '', url = '', headers } = incoming;
    http
      .request(targetUrl, { method, path: url, headers }, (found) => {
        outgoing.writeHead(found.statusCode ?? 502, found.headers);
        found.pipe(outgoing);
      })
      .on('error', () => outgoing.destroy())
      .end(body);
  }

  const port = await listen(server, 0, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}`, close: () => drain(server, 1) };
}

function accessDenied(permission: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>${permission} is not allowed.</Message></Error>`;
}
