import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { Api } from '../suite/host.ts';

/** What no HTTP client would send: whole requests, byte by byte. */
export function socketAttacks(api: Api): void {
  const host = 'Host: stowage.test';
  const authorized = () => `Authorization: Bearer ${api.credential}`;
  const json = 'Content-Type: application/json';
  const hidden = () => request('GET /v1/buckets HTTP/1.1', [host, authorized()]);

  /** The statuses of all answers on one connection, which the server may close at any time. */
  async function statusesOf(message: string | Uint8Array): Promise<number[]> {
    const text = await exchange(Number(new URL(api.address).port), message);
    return Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
  }

  const request = (start: string, headers: readonly string[], body = '') =>
    `${[start, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`;

  test.each<[name: string, headers: () => readonly string[]]>([
    ['Content-Length beside Transfer-Encoding', () => ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['Transfer-Encoding beside Content-Length', () => ['Transfer-Encoding: chunked', 'Content-Length: 5']],
    ['two lengths', () => ['Content-Length: 5', 'Content-Length: 0']],
    ['two lengths that agree', () => ['Content-Length: 0', 'Content-Length: 0']],
    ['a list of lengths', () => ['Content-Length: 0, 5']],
    ['a negative length', () => ['Content-Length: -1']],
    ['a length with a sign', () => ['Content-Length: +0']],
    ['a hexadecimal length', () => ['Content-Length: 0x0']],
    ['a length that overflows', () => ['Content-Length: 18446744073709551616']],
    ['a coding that is almost chunked', () => ['Transfer-Encoding: xchunked']],
    ['chunked that is not the last coding', () => ['Transfer-Encoding: chunked, identity']],
    ['chunked twice', () => ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']],
    ['a vertical tab in the coding', () => ['Transfer-Encoding: \u000bchunked']],
    ['a space before the colon', () => ['Transfer-Encoding : chunked']],
    ['a space before the name', () => ['X-A: b', ' Transfer-Encoding: chunked']],
    ['a folded line', () => ['X-A: b', '\tTransfer-Encoding: chunked']],
    ['a bare line feed', () => ['X-A: b\nTransfer-Encoding: chunked']],
    ['a bare carriage return', () => ['X-A: b\rTransfer-Encoding: chunked']],
    ['a NUL in a value', () => ['X-A: b\0c']],
    ['a NUL in a name', () => ['X\0A: b']],
    ['a line without a colon', () => ['X-A']],
    ['a header without a name', () => [': b']],
  ])('smuggling: a request with %s hides no other', async (_, headers) => {
    const message = request(
      'POST /v1/uploads HTTP/1.1',
      [host, authorized(), json, ...headers()],
      `0\r\n\r\n${hidden()}`,
    );
    expect(await statusesOf(message)).toEqual([400]);
  });

  test.each<[name: string, chunks: string]>([
    ['a chunk size that overflows', 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'],
    ['a negative chunk size', '-2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk size with a prefix', '0x2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk longer than its size', '2\r\n{}evil\r\n0\r\n\r\n'],
    ['a chunk ended by a bare line feed', '2\n{}\n0\n\n'],
  ])('smuggling: %s', async (_, chunks) => {
    const headers = [host, authorized(), json, 'Transfer-Encoding: chunked'];
    expect(await statusesOf(request('POST /v1/tokens HTTP/1.1', headers, chunks + hidden()))).not.toContain(
      200,
    );
  });

  test('smuggling: a credential in the trailer counts for nothing', async () => {
    const headers = [host, json, 'Transfer-Encoding: chunked', 'Trailer: Authorization'];
    const message = request('POST /v1/tokens HTTP/1.1', headers, `0\r\n${authorized()}\r\n\r\n`);
    expect(await statusesOf(message)).toEqual([401]);
  });

  test('smuggling: the body of a refused request is not the next request', async () => {
    const [next, body] = [hidden(), hidden()];
    const refused = [
      'POST /v1/uploads HTTP/1.1',
      host,
      'Authorization: Bearer wrong',
      `Content-Length: ${body.length}`,
    ];
    expect(await statusesOf(`${refused.join('\r\n')}\r\n\r\n${body}${next}`)).toEqual([401, 200]);
  });

  test('smuggling: the body of a GET is not the next request', async () => {
    const body = hidden();
    const message = request(
      'GET /v1/nothing HTTP/1.1',
      [host, authorized(), `Content-Length: ${body.length}`],
      body,
    );
    expect(await statusesOf(message)).toEqual([404]);
  });

  test('an upgrade to HTTP/2 in clear text passes no check by', async () => {
    const headers = [host, 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'];
    const connection = 'Connection: Upgrade, HTTP2-Settings, close';
    const lines = ['GET /v1/me HTTP/1.1', ...headers, connection, '', ''];
    expect(await statusesOf(lines.join('\r\n'))).toEqual([401]);
  });

  test.each<[name: string, first: () => string, second: () => string]>([
    ['the right one first', authorized, () => 'Authorization: Bearer stow_wrong'],
    ['the right one last', () => 'Authorization: Bearer stow_wrong', authorized],
    ['the right one twice', authorized, authorized],
    ['a scheme of another kind beside', authorized, () => 'Authorization: Basic cm9vdDpyb290'],
  ])('two credentials, %s, are none', async (_, first, second) => {
    expect(await statusesOf(request('GET /v1/me HTTP/1.1', [host, first(), second()]))).toEqual([401]);
  });

  test.each<[name: string, target: string]>([
    ['a dot segment', '/v1/content/files/../../keys'],
    ['an encoded dot segment', '/v1/content/files/%2e%2e/%2E./keys'],
    ['a dot segment out of the API', '/v1/../health/live'],
    ['a dot segment of an address in full', 'http://stowage.test/v1/content/../keys'],
    ['a backslash', '/v1/content\\..\\keys'],
    ['a fragment', '/v1/keys#/v1/content/files/a'],
    ['a line of another request', '/v1/me\tHTTP/1.1'],
    ['bytes that are no ASCII', '/v1/content/files/\u00e4'],
    ['another scheme', 'ftp://stowage.test/v1/me'],
    ['no slash', 'v1/me'],
  ])('a proxy and the service cannot differ on a target with %s', async (_, target) => {
    const statuses = await statusesOf(
      Buffer.from(request(`GET ${target} HTTP/1.1`, [host, authorized()]), 'latin1'),
    );
    expect(statuses).toEqual([400]);
  });

  test.each<[name: string, headers: readonly string[]]>([
    ['no host', []],
    ['a host that is none', ['Host: a/b@c d']],
    ['a header of 40,000 bytes', [host, `X-A: ${'a'.repeat(40_000)}`]],
    ['3,000 headers', [host, ...Array.from({ length: 3000 }, (__, index) => `X-${index}: a`)]],
  ])('a request with %s is turned away', async (_, headers) => {
    const statuses = await statusesOf(request('GET /v1/me HTTP/1.1', [...headers, authorized()]));
    expect([[400], [431]]).toContainEqual(statuses);
  });

  test.each(['TRACE', 'TRACK', 'CONNECT', 'DEBUG', 'PRI'])('the method %s does nothing', async (method) => {
    const start = method === 'PRI' ? 'PRI * HTTP/2.0' : `${method} /v1/me HTTP/1.1`;
    for (const status of await statusesOf(request(start, [host, authorized()]))) {
      expect([400, 404, 405, 501]).toContain(status);
    }
  });

  test('a body that never comes is not waited for with an answer', async () => {
    const headers = [
      host,
      json,
      'Authorization: Bearer wrong',
      'Content-Length: 1000000',
      'Expect: 100-continue',
    ];
    expect(await statusesOf(`${['POST /v1/tokens HTTP/1.1', ...headers].join('\r\n')}\r\n\r\n`)).toContain(
      401,
    );
  });
}

/** All that comes back on a connection until the server closes it. */
function exchange(port: number, message: string | Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  // A server that has refused closes at once, perhaps before it has read everything.
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(text));
  socket.write(message);
  return promise;
}
