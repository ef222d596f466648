import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test } from 'vitest';
import { keepConnections } from '../../lib/webhooks/kept-connections.ts';
import { type PostOptions, postWebhook } from '../../lib/webhooks/post.ts';
import { createWebhookSecret, signedWebhookHeaders } from '../../lib/webhooks/sign.ts';
import { canMakeCertificates, makeCertificates } from '../support/certificates.ts';

const servers: Server[] = [];
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function receiver(
  listener: RequestListener,
): Promise<{ url: string; port: number; hits: () => number }> {
  let hits = 0;
  const server = createServer((request, response) => {
    hits += 1;
    listener(request, response);
  });
  stops.push(() => server.closeAllConnections());
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}/hook`, port, hits: () => hits };
}

const message = { headers: { 'content-type': 'application/json' }, body: '{"type":"object.created"}' };
const allowLoopback: PostOptions = { allowLoopback: true };

describe('posting a webhook', () => {
  test('a receiver has what was signed, and verifies it', async () => {
    const secret = createWebhookSecret();
    let verified: unknown;
    const { url } = await receiver(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      verified = new Webhook(secret).verify(body, headers);
      response.writeHead(202).end('thanks');
    });
    const headers = signedWebhookHeaders({ id: 'evt_1', body: message.body }, [secret], new Date());
    const result = await postWebhook({ url, headers, body: message.body }, allowLoopback);
    expect(result).toEqual({ statusCode: 202, response: 'thanks', durationMilliseconds: expect.any(Number) });
    expect(verified).toEqual({ type: 'object.created' });
  });

  test.each([301, 302, 303, 307, 308])(
    'a redirect by %i is an answer, and is not followed',
    async (status) => {
      const inside = await receiver((_, response) => response.end());
      const { url } = await receiver((_, response) =>
        response.writeHead(status, { location: inside.url }).end(),
      );
      expect(await postWebhook({ url, ...message }, allowLoopback)).toMatchObject({ statusCode: status });
      expect(inside.hits()).toBe(0);
    },
  );

  test('of an endless answer only the beginning is read', async () => {
    const { url } = await receiver((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
      };
      response.on('drain', more);
      more();
    });
    const { statusCode, response } = await postWebhook({ url, ...message }, allowLoopback);
    expect(statusCode).toBe(200);
    expect(response).toHaveLength(16 * 1024);
  });

  test.each<[string, RequestListener]>([
    ['says nothing', () => {}],
    [
      'sends a byte now and then',
      (_, response) => {
        const timer = setInterval(() => response.write('x'), 50);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('a receiver that %s is given up', async (_, listener) => {
    const { url } = await receiver(listener);
    const result = await postWebhook({ url, ...message }, { ...allowLoopback, timeoutSeconds: 0.5 });
    expect(result).toMatchObject({ error: 'no answer within 0.5 s' });
    expect(result.durationMilliseconds).toBeGreaterThanOrEqual(490);
    expect(result).not.toHaveProperty('statusCode');
  });

  test('a name server that says nothing is given up', async () => {
    const resolve = () => new Promise<never>(() => {});
    const options = { allowLoopback: false, resolve, timeoutSeconds: 0.2 };
    expect(await postWebhook({ url: 'https://hooks.example.com/', ...message }, options)).toMatchObject({
      error: 'no answer within 0.2 s',
    });
  });

  test('nobody listening, a broken answer and one broken off are results', async () => {
    const port = await listen(createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n')));
    const brokenOff = await receiver((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x');
      setTimeout(() => response.destroy(), 20);
    });
    for (const url of ['http://127.0.0.1:1/', `http://127.0.0.1:${port}/`, brokenOff.url]) {
      const result = await postWebhook({ url, ...message }, allowLoopback);
      expect(result).toEqual({ error: expect.stringMatching(/./), durationMilliseconds: expect.any(Number) });
    }
  });
});

describe('a name that changes its address', () => {
  test('after it was checked: the connection goes to the address that was checked', async () => {
    const { port, hits } = await receiver((_, response) => response.end());
    const answers = [['127.0.0.1'], ['10.0.0.1'], ['10.0.0.1']];
    let questions = 0;
    const resolve = async () => answers[questions++] ?? [];
    const result = await postWebhook(
      { url: `http://localhost:${port}/`, ...message },
      { ...allowLoopback, resolve },
    );
    expect(result).toMatchObject({ statusCode: 200 });
    expect(hits()).toBe(1);
    expect(questions).toBe(1);
  });

  test('between two deliveries: it is checked each time, and refused', async () => {
    const { port, hits } = await receiver((_, response) => response.end());
    const url = `https://hooks.example.com:${port}/`;
    for (const addresses of [['127.0.0.1'], ['93.184.215.14', '127.0.0.1'], ['::ffff:127.0.0.1']]) {
      const options = { allowLoopback: false, resolve: async () => addresses };
      expect(await postWebhook({ url, ...message }, options)).toMatchObject({
        error: 'hooks.example.com is not an address out on the internet.',
      });
    }
    expect(hits()).toBe(0);
  });
});

describe('a connection that is kept', () => {
  /** A receiver that says which of its connections a request has come by. */
  async function numbering(): Promise<{ url: string; port: number; closeIdle: () => void }> {
    const numbers = new Map<unknown, number>();
    const server = createServer((request, response) => {
      numbers.set(request.socket, numbers.get(request.socket) ?? numbers.size + 1);
      response.end(`by connection ${numbers.get(request.socket)}`);
    });
    const port = await listen(server);
    stops.push(() => server.closeAllConnections());
    const url = `http://localhost:${port}/hook`;
    return { url, port, closeIdle: () => server.closeIdleConnections() };
  }

  function poster(url: string) {
    const connections = keepConnections();
    stops.push(connections.close);
    return async (...addresses: readonly string[]) => {
      const options = { ...allowLoopback, connections, resolve: async () => addresses };
      const { response, error } = await postWebhook({ url, ...message }, options);
      return response ?? error;
    };
  }

  test('is used again while the name stands for the same addresses, and for no others', async () => {
    const { url } = await numbering();
    const post = poster(url);
    expect(await post('127.0.0.1')).toBe('by connection 1');
    expect(await post('127.0.0.1')).toBe('by connection 1');
    expect(await post('127.0.0.1', '::1')).toBe('by connection 2');
    expect(await post('::1', '127.0.0.1')).toBe('by connection 2');
    expect(await post('10.0.0.1')).toBe('localhost is not an address out on the internet.');
    expect(await post('127.0.0.1')).toBe('by connection 1');
  });

  test('and that its receiver has closed makes room for a new one', async () => {
    const { url, closeIdle } = await numbering();
    const post = poster(url);
    expect(await Promise.all([post('127.0.0.1'), post('127.0.0.1')])).toHaveLength(2);
    closeIdle();
    expect(await post('127.0.0.1')).toBe('by connection 3');
  });

  test('is not, after an answer that is too long', async () => {
    const { url, hits } = await receiver((_, response) => response.end('x'.repeat(1_000_000)));
    const post = poster(url);
    for (let time = 1; time <= 3; time += 1) {
      expect(await post('127.0.0.1')).toHaveLength(16 * 1024);
      expect(hits()).toBe(time);
    }
  });
});

const withCertificates = canMakeCertificates ? test : test.skip;

withCertificates('over TLS the receiver must be who the URL says', async () => {
  const certificates = makeCertificates();
  const ca = certificates.ca('ca');
  const { cert, key } = certificates.server('receiver', ca);
  certificates.remove();
  const server = createTlsServer({ cert, key }, (_, response) => response.end('ok'));
  stops.push(() => server.closeAllConnections());
  const port = await listen(server);
  const resolve = async () => ['127.0.0.1'];
  const post = (name: string, options: Partial<PostOptions> = {}) =>
    postWebhook({ url: `https://${name}:${port}/`, ...message }, { ...allowLoopback, resolve, ...options });
  expect(await post('files.example.com', { ca: ca.cert })).toMatchObject({ statusCode: 200, response: 'ok' });
  expect((await post('other.example.com', { ca: ca.cert })).error).toContain('altnames');
  expect((await post('files.example.com')).error).toContain('certificate');
});
