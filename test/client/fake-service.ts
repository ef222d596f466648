import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Service and storage in one small server that misbehaves as told: for the faults that a real one cannot be asked for.
 * What it does right is only as much as those tests need; the contract itself is tested against the real service.
 */

/** `drop` takes half of the body and then breaks the connection; `stall` never answers. */
type Fault = number | 'drop' | 'stall';

/** A body that came to the storage side. */
export interface Put {
  readonly partNumber: number;
  /** How often this part has been tried, this time included. */
  readonly attempt: number;
  /** Which signature of this part it came with: 1 is the first. */
  readonly signature: number;
}

/** A range that was asked of the storage side. */
export interface Get {
  readonly start: number;
  readonly end: number;
  readonly signature: number;
  readonly ifMatch: string | undefined;
}

export interface FakeBehaviour {
  /** Of the source. Default: 0. */
  readonly sizeBytes?: number;
  /** Without it, one PUT takes the whole. */
  readonly partSizeBytes?: number | undefined;
  /** How many parts the first answer signs. Default: 2. */
  readonly firstBatch?: number;
  /** Of signed URLs. Default: an hour. */
  readonly lifetimeSeconds?: number;
  /** How far the service's clock is ahead. Default: 0. */
  readonly clockAheadSeconds?: number;
  /** What storage has before the test begins. */
  readonly received?: ReadonlyMap<number, Buffer>;
  /** The object that can be downloaded. */
  readonly content?: Buffer;
  /** Its size as the service tells it. Default: the true one. */
  readonly toldSizeBytes?: number;
  readonly onGet?: (get: Get, count: number) => Fault | undefined;
  readonly onPut?: (put: Put) => Fault | undefined | Promise<undefined>;
  /** `attempt` counts the requests of this method and path. */
  readonly onCall?: (call: string, attempt: number) => Fault | undefined;
}

export interface FakeService {
  readonly url: string;
  readonly puts: readonly Put[];
  readonly gets: readonly Get[];
  /** `POST /v1/uploads`, … in the order they came. */
  readonly calls: readonly string[];
  readonly mostAtOnce: () => number;
  /** What storage holds, put together. */
  readonly stored: () => Buffer;
  readonly close: () => Promise<void>;
}

export async function startFakeService(behaviour: FakeBehaviour): Promise<FakeService> {
  const { sizeBytes = 0, partSizeBytes, lifetimeSeconds = 3600, clockAheadSeconds = 0 } = behaviour;
  const partCount = Math.ceil(sizeBytes / (partSizeBytes ?? Math.max(1, sizeBytes)));
  const parts = new Map(behaviour.received);
  const signatures = new Map<number, number>();
  const puts: Put[] = [];
  const gets: Get[] = [];
  const calls: string[] = [];
  let underway = 0;
  let mostAtOnce = 0;

  const now = () => Date.now() + clockAheadSeconds * 1000;
  const expiresAt = () => new Date(now() + lifetimeSeconds * 1000).toISOString();

  function sign(partNumber: number) {
    const signature = (signatures.get(partNumber) ?? 0) + 1;
    signatures.set(partNumber, signature);
    const url = `${address()}/storage/${partNumber}?signature=${signature}`;
    return { partNumber, url, headers: {}, expiresAt: expiresAt() };
  }

  function issue() {
    const issued = { uploadId: 'upload-1', bucket: 'files', key: 'k', expiresAt: expiresAt() };
    if (partSizeBytes === undefined) return { ...issued, method: 'put', put: sign(1) };
    const first = Math.min(partCount, behaviour.firstBatch ?? 2);
    const numbers = Array.from({ length: first }, (_, index) => index + 1);
    return {
      ...issued,
      method: 'multipart',
      multipart: { partSizeBytes, partCount, parts: numbers.map(sign) },
    };
  }

  function answer(call: string, body: string): object {
    switch (call) {
      case 'POST /v1/uploads':
        return issue();
      case 'POST /v1/uploads/upload-1/parts':
        return { parts: JSON.parse(body).partNumbers.map(sign) };
      case 'GET /v1/uploads/upload-1': {
        const received = Array.from(parts, ([partNumber, { length }]) => ({ partNumber, sizeBytes: length }));
        return { state: 'pending', sizeBytes, partSizeBytes, partCount, parts: received };
      }
      case 'POST /v1/uploads/upload-1/complete':
        return { bucket: 'files', key: 'k', sizeBytes, etag: 'e' };
      case 'GET /v1/objects/files/k':
        return {
          bucket: 'files',
          key: 'k',
          etag: 'e',
          sizeBytes: behaviour.toldSizeBytes ?? behaviour.content?.length,
        };
      case 'POST /v1/downloads':
        return { items: [{ bucket: 'files', key: 'k', ...sign(1) }] };
      default:
        throw new Error(`the fake does not know ${call}`);
    }
  }

  async function takePut(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const partNumber = Number(url.pathname.split('/').at(-1));
    const attempt = puts.filter((put) => put.partNumber === partNumber).length + 1;
    const put = { partNumber, attempt, signature: Number(url.searchParams.get('signature')) };
    puts.push(put);
    const fault = await behaviour.onPut?.(put);
    if (fault === 'drop') {
      await once(request, 'data');
      request.socket.destroy();
      return;
    }
    const body = await read(request);
    if (fault === 'stall') return;
    if (fault === undefined) parts.set(partNumber, body);
    response.writeHead(fault ?? 200).end(fault === undefined ? '' : errorDocument(fault));
  }

  async function takeGet(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const get = {
      start: Number(first),
      end: Number(last) + 1,
      signature: Number(url.searchParams.get('signature')),
      ifMatch: request.headers['if-match'],
    };
    gets.push(get);
    const fault = behaviour.onGet?.(get, gets.length);
    if (typeof fault === 'number') {
      response.writeHead(fault).end(errorDocument(fault));
      return;
    }
    if (fault === 'stall') return;
    const body = behaviour.content?.subarray(get.start, get.end) ?? Buffer.alloc(0);
    response.writeHead(206, { 'content-length': body.length });
    if (fault === undefined) response.end(body);
    else response.write(body.subarray(0, body.length / 2), () => response.destroy());
  }

  async function takeCall(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const call = `${request.method} ${url.pathname}`;
    calls.push(call);
    const body = (await read(request)).toString();
    const fault = behaviour.onCall?.(call, calls.filter((other) => other === call).length);
    if (fault === 'stall') return;
    if (fault === 'drop') {
      request.socket.destroy();
      return;
    }
    response.setHeader('date', new Date(now()).toUTCString());
    if (fault === undefined) response.writeHead(200).end(JSON.stringify(answer(call, body)));
    else response.writeHead(fault).end(JSON.stringify({ code: `fake_${fault}`, detail: 'as told' }));
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    underway += 1;
    mostAtOnce = Math.max(mostAtOnce, underway);
    response.on('close', () => {
      underway -= 1;
    });
    const isBody = url.pathname.startsWith('/storage/');
    const take = isBody ? (request.method === 'PUT' ? takePut : takeGet) : takeCall;
    take(request, response, url).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: address(),
    puts,
    gets,
    calls,
    mostAtOnce: () => mostAtOnce,
    stored: () => Buffer.concat([...parts].toSorted(([a], [b]) => a - b).map(([, body]) => body)),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function read(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await request.toArray());
}

function errorDocument(status: number): string {
  return `<?xml version="1.0"?><Error><Code>Fake${status}</Code><Message>as told</Message></Error>`;
}
