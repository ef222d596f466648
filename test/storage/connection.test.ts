import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Connection, connect, type ConnectionOptions } from '../../lib/storage/connection.ts';
import { customEndpoint } from '../../lib/storage/endpoint.ts';
import { S3Error } from '../../lib/storage/errors.ts';

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  readonly socket: Socket;
}

type Answer = (response: http.ServerResponse, count: number) => void;

/** A storage server that gives the answers of one test and remembers what it was asked. */
let received: Received[];
let answer: Answer;
let server: http.Server;
const connections: Connection[] = [];

beforeEach(async () => {
  received = [];
  server = http.createServer(async (request, response) => {
    const { method = '', url = '', headers, socket } = request;
    received.push({ method, url, headers, body: await text(request), socket });
    answer(response, received.length);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  server.closeAllConnections();
  await once(server.close(), 'close');
});

function open(options: Partial<ConnectionOptions> = {}): Connection {
  const { port } = server.address() as AddressInfo;
  const connection = connect({
    endpoint: customEndpoint(`http://127.0.0.1:${port}`),
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    now: () => new Date('2026-01-02T03:04:05Z'),
    ...options,
  });
  connections.push(connection);
  return connection;
}

const respond =
  (status: number, body = '', headers: http.OutgoingHttpHeaders = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);

const errorBody = (code: string, message = 'why') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

async function refusal(promise: Promise<unknown>): Promise<S3Error> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof S3Error) return error;
  throw new Error('expected storage to refuse', { cause: error });
}

async function openSockets(): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}

test('a request is sent signed, its path and query to the byte', async () => {
  answer = respond(200, 'hello', { etag: '"1"' });
  const response = await open().send({
    method: 'GET',
    bucket: 'media',
    key: 'a/../b//./c d+é',
    query: [
      ['versionId', 'x/y'],
      ['attributes', ''],
    ],
    headers: { 'x-amz-checksum-mode': 'ENABLED' },
  });
  expect(response).toMatchObject({ status: 200, body: 'hello', headers: { etag: '"1"' } });
  expect(received).toMatchObject([
    {
      method: 'GET',
      url: '/media/a/../b//./c%20d%2B%C3%A9?attributes=&versionId=x%2Fy',
      headers: {
        'x-amz-date': '20260102T030405Z',
        'x-amz-checksum-mode': 'ENABLED',
        authorization: expect.stringContaining(
          'SignedHeaders=host;x-amz-checksum-mode;x-amz-content-sha256;x-amz-date',
        ),
      },
    },
  ]);
});

test('a body goes with its length and MD5, an empty POST without chunks', async () => {
  answer = respond(200);
  const { send } = open();
  await send({ method: 'POST', bucket: 'media', query: [['delete', '']], body: '<é/>' });
  await send({ method: 'POST', bucket: 'media', key: 'a', query: [['uploads', '']] });
  expect(received[0]).toMatchObject({
    body: '<é/>',
    headers: {
      'content-length': '5',
      'content-md5': 'ARsxNB0Od7VV4oqf2L3biA==',
      authorization: expect.stringContaining('content-length;content-md5'),
    },
  });
  expect(received[1]?.headers).toMatchObject({ 'content-length': '0' });
  expect(received[1]?.headers).not.toHaveProperty('transfer-encoding');
});

test('connections are kept and used again', async () => {
  answer = respond(200, 'x'.repeat(100_000));
  const { send } = open();
  for (let count = 0; count < 5; count += 1) await send({ method: 'GET', bucket: 'media', key: 'a' });
  expect(new Set(received.map(({ socket }) => socket)).size).toBe(1);
});

test('a kept connection that storage has closed costs no attempt', async () => {
  const { send } = open({ attempts: 1 });
  answer = respond(200);
  await send({ method: 'GET', bucket: 'media' });
  answer = (response, count) => {
    // Only the connection that lay idle dies.
    if (count === 2) response.destroy();
    else response.end('again');
  };
  expect((await send({ method: 'GET', bucket: 'media' })).body).toBe('again');
  expect(received).toHaveLength(3);
});

const passing: readonly (readonly [name: string, failure: Answer])[] = [
  ['503 SlowDown', respond(503, errorBody('SlowDown'))],
  ['500 InternalError', respond(500, errorBody('InternalError'))],
  ['502 of a proxy', respond(502, '<html><body>Bad gateway<Error>')],
  ['400 RequestTimeout', respond(400, errorBody('RequestTimeout'))],
  ['200 with an error inside', respond(200, errorBody('InternalError'))],
  ['200 kept alive, with an error inside', respond(200, `  \n${errorBody('InternalError')}`)],
  ['a connection that breaks', (response) => response.destroy()],
  [
    'an answer that breaks off',
    (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
    },
  ],
];

test.each(passing)('%s is tried again', async (_name, failure) => {
  answer = (response, count) => (count < 3 ? failure(response, count) : response.end('done'));
  expect((await open().send({ method: 'POST', bucket: 'media', key: 'a', body: '<a/>' })).body).toBe('done');
  expect(received.map(({ body }) => body)).toEqual(['<a/>', '<a/>', '<a/>']);
});

test('it gives up after the last attempt, with the last refusal', async () => {
  answer = respond(503, errorBody('SlowDown', 'Reduce your request rate.'));
  const error = await refusal(open({ attempts: 2 }).send({ method: 'GET', bucket: 'media' }));
  expect(error).toMatchObject({
    status: 503,
    code: 'SlowDown',
    message: 'SlowDown: Reduce your request rate.',
  });
  expect(received).toHaveLength(2);
});

test.each([
  [403, errorBody('SignatureDoesNotMatch'), { status: 403, code: 'SignatureDoesNotMatch' }],
  [404, errorBody('NoSuchUpload'), { status: 404, code: 'NoSuchUpload' }],
  [301, errorBody('PermanentRedirect'), { status: 301, code: 'PermanentRedirect' }],
  [501, errorBody('NotImplemented'), { status: 501, code: 'NotImplemented' }],
  [412, '', { status: 412, code: 'PreconditionFailed' }],
  [418, '<html>', { status: 418, code: 'Status418' }],
])('%i is final', async (status, body, expected) => {
  answer = respond(status, body);
  expect(await refusal(open().send({ method: 'GET', bucket: 'media', key: 'a' }))).toMatchObject(expected);
  expect(received).toHaveLength(1);
});

test('a refused HEAD has no body, so its status speaks', async () => {
  answer = respond(404);
  const error = await refusal(open().send({ method: 'HEAD', bucket: 'media', key: 'a' }));
  expect(error).toMatchObject({ status: 404, code: 'NoSuchKey' });
});

const silences: readonly (readonly [name: string, silence: Answer])[] = [
  ['nothing', () => undefined],
  [
    'a body that trickles',
    (response) => {
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    },
  ],
];

test.each(silences)('time runs out on %s, and the socket is freed', async (_name, silence) => {
  answer = silence;
  const error = await refusal(
    open().send({ method: 'GET', bucket: 'media' }, { attempts: 1, timeoutSeconds: 0.1 }),
  );
  expect(error).toMatchObject({ status: 0, code: 'NoAnswer', message: 'NoAnswer: no answer within 0.1 s' });
  await expect.poll(openSockets).toBe(0);
});

test('a refused connection is no answer', async () => {
  const { send } = open({ endpoint: customEndpoint('http://127.0.0.1:1'), attempts: 1 });
  expect(await refusal(send({ method: 'GET', bucket: 'media' }))).toMatchObject({
    status: 0,
    code: 'NoAnswer',
  });
});

test('a huge answer is cut off, once and for all', async () => {
  answer = (response) => {
    const megabyte = Buffer.alloc(2 ** 20, 'x');
    const pour = () => {
      while (!response.destroyed && response.write(megabyte));
    };
    response.on('drain', pour);
    pour();
  };
  const error = await refusal(open().send({ method: 'GET', bucket: 'media' }));
  expect(error).toMatchObject({ status: 0, code: 'AnswerTooLarge' });
  expect(received).toHaveLength(1);
  await expect.poll(openSockets).toBe(0);
});
