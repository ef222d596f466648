import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createNodeServer, drain, listen } from '../../lib/hosts/node.ts';
import { openTestService, rootKey, type TestService } from '../support/service.ts';

/** Callers that break off in the middle of a body are no fault of the service, and so none in its log. */

let service: TestService;
let server: ReturnType<typeof createNodeServer>;
let port: number;
beforeAll(async () => {
  service = await openTestService();
  server = createNodeServer(service.app);
  port = await listen(server, 0, '127.0.0.1');
});
afterAll(async () => {
  await drain(server, 1);
  await service.stop();
});

const announced = ['content-length: 100', '', '{"bucket":'];
const chunked = ['transfer-encoding: chunked', '', '8', '{"bucket'];

test.each<[name: string, method: string, path: string, rest: readonly string[]]>([
  ['of an announced length', 'POST', '/v1/uploads', announced],
  ['in chunks', 'POST', '/v1/uploads', chunked],
  ['of an announced length, which may be absent', 'POST', '/v1/keys/AAAAAAAAAAAA/rotate', announced],
  ['in chunks, which may be absent', 'POST', '/v1/keys/AAAAAAAAAAAA/rotate', chunked],
])('a body %s that breaks off is refused and logged as no error', async (name, method, path, rest) => {
  const requestId = `broken-off-${name.length}-${path.length}`;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const head = [
    `${method} ${path} HTTP/1.1`,
    'host: stowage.test',
    `authorization: Bearer ${rootKey}`,
    'content-type: application/json',
    `x-request-id: ${requestId}`,
  ];
  const arrived = once(server, 'request');
  socket.write([...head, ...rest].join('\r\n'));
  await arrived;
  socket.destroy();
  const line = await vi.waitFor(() => {
    const found = service.auditLog.find((entry) => entry.includes(requestId));
    if (found === undefined) throw new Error('no line yet');
    return found;
  }, 10_000);
  expect(JSON.parse(line)).toMatchObject({ status: 400, decision: 'refused', rule: 'body_incomplete' });
  expect(service.log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
});
