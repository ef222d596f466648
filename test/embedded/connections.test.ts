import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bytesOf, codeOf, useTarget } from './acceptance/target.ts';
import { presigned, send, sendRaw } from './acceptance/wire.ts';
import { blobFiles, startStore } from './server.ts';

describe('a connection', () => {
  let dataDir = '';
  const target = useTarget(async () => {
    const store = await startStore();
    ({ dataDir } = store);
    return store;
  });

  test('that is cut in the middle of a body stores nothing', async () => {
    const { s3, bucket: Bucket, endpoint } = target();
    const url = new URL(presigned(target(), 'cut', { method: 'PUT' }));
    const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
    socket.write(
      `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 3000000\r\n\r\n`,
    );
    socket.write(Buffer.alloc(2_000_000));
    await expect.poll(() => blobFiles(dataDir)).toHaveLength(1);
    socket.destroy();
    await expect.poll(() => blobFiles(dataDir)).toEqual([]);
    expect(await codeOf(s3.headObject({ Bucket, Key: 'cut' }))).toBe('NotFound');
  });

  test('that waits for 100 Continue gets it, or the refusal before it has sent anything', async () => {
    const expecting = async (url: string) => {
      let continued = false;
      const outgoing = httpRequest(url, {
        method: 'PUT',
        headers: { expect: '100-continue', 'content-length': '5' },
        agent: false,
      });
      outgoing.on('continue', () => {
        continued = true;
        outgoing.end('hello');
      });
      outgoing.flushHeaders();
      const [response] = await once(outgoing, 'response');
      const { statusCode } = response.resume();
      await once(response, 'end');
      outgoing.destroy();
      return { continued, statusCode };
    };
    const url = presigned(target(), 'expected', { method: 'PUT' });
    expect(await expecting(url)).toEqual({ continued: true, statusCode: 200 });
    expect(await expecting(url.replace('expected', 'other'))).toEqual({ continued: false, statusCode: 403 });
  });

  test('sees why a large body is refused, although it is still sending it', async () => {
    const headers = { 'content-type': 'text/plain' };
    const url = presigned(target(), 'refused', { method: 'PUT', headers: { 'content-type': 'image/png' } });
    const answer = await send(url, { method: 'PUT', body: Buffer.alloc(20_000_000), headers });
    expect(answer).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
  });

  test('goes on reading an object that is replaced and deleted meanwhile', async () => {
    const { s3, bucket: Bucket } = target();
    const body = Buffer.alloc(30_000_000, 'first');
    await s3.putObject({ Bucket, Key: 'read', Body: body });
    const reading = await s3.getObject({ Bucket, Key: 'read' });
    await s3.putObject({ Bucket, Key: 'read', Body: Buffer.alloc(100_000) });
    await s3.deleteObject({ Bucket, Key: 'read' });
    expect(Buffer.compare(await bytesOf(reading), body)).toBe(0);
    await expect.poll(() => blobFiles(dataDir)).toEqual([]);
  });

  test('that ends in the middle of a read holds nothing', async () => {
    const { s3, bucket: Bucket } = target();
    await s3.putObject({ Bucket, Key: 'left', Body: Buffer.alloc(30_000_000) });
    const response = await fetch(presigned(target(), 'left', { method: 'GET' }));
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await s3.deleteObject({ Bucket, Key: 'left' });
    await expect.poll(() => blobFiles(dataDir)).toEqual([]);
  });

  test.each([
    ['GET', '/%zz', 400, 'InvalidURI'],
    ['GET', '//x', 403, 'AccessDenied'],
    ['PATCH', '/files/k', 403, 'AccessDenied'],
    ['GET', `/files/${'x'.repeat(1025)}`, 400, 'KeyTooLongError'],
  ])('with %s %s is told what is wrong', async (method, path, status, code) => {
    expect(await send(target().endpoint + path, { method })).toMatchObject({ status, code });
  });

  test('asking for an operation that is not there is told so, and changes nothing', async () => {
    const { s3, bucket: Bucket } = target();
    const url = presigned(target(), 'k', { method: 'PUT', query: [['torrent', '']] });
    expect(await send(url, { method: 'PUT', body: 'x' })).toMatchObject({
      status: 501,
      code: 'NotImplemented',
    });
    expect(await codeOf(s3.headObject({ Bucket, Key: 'k' }))).toBe('NotFound');
  });
});

test('the store lets requests under way end before it closes', async () => {
  const { endpoint, stop, ...rest } = await startStore();
  const bench = { ...rest, endpoint, bucket: 'files' };
  const url = presigned({ ...bench, stop }, 'slow', { method: 'PUT', headers: { 'content-length': '10' } });
  const outgoing = httpRequest(url, { method: 'PUT', headers: { 'content-length': '10' }, agent: false });
  outgoing.write('hello');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stopped = stop();
  outgoing.end('world');
  const [response] = await once(outgoing, 'response');
  expect(response.statusCode).toBe(200);
  response.resume();
  await stopped;
  await expect(fetch(endpoint)).rejects.toThrow();
});

test('the store serves so many connections at a time, and tells the others to come later', async () => {
  const { endpoint, stop, ...rest } = await startStore();
  const url = presigned({ ...rest, endpoint, stop, bucket: 'files' }, '', { method: 'GET' });
  const { port, hostname } = new URL(endpoint);
  const flood: Socket[] = [];
  while (flood.length < 2048) {
    // No more at a time than the system keeps waiting to be taken in.
    const some = Array.from({ length: 128 }, () => connect(Number(port), hostname));
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    flood.push(...some);
  }
  const [established] = flood;
  const ask = () => sendRaw(url, { method: 'GET' });
  // To be connected is not yet to be taken in.
  await expect.poll(ask).toMatchObject({ status: 503, code: 'SlowDown' });
  expect((await ask()).headers.get('connection')).toBe('close');
  // One that says nothing is not kept either.
  const silent = connect(Number(port), hostname).resume();
  await once(silent, 'close');
  const { pathname, search, host } = new URL(url);
  established?.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  expect(String(await once(established ?? silent, 'data'))).toMatch(/^HTTP\/1\.1 200 /);
  for (const socket of flood) socket.destroy();
  await expect.poll(ask).toMatchObject({ status: 200 });
  await stop();
});
