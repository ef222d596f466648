import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { type ApiGatewayEvent, apiGatewayHandler } from '../../lib/hosts/api-gateway.ts';
import type { AppEnv } from '../../lib/http/env.ts';
import { toApiGatewayEvent } from '../support/api-gateway-event.ts';

/** An app that tells what it was asked. */
const echo = new Hono<AppEnv>()
  .all('/echo/:rest{.*}', async (c) =>
    c.json({
      method: c.req.method,
      url: c.req.url,
      rest: c.req.param('rest'),
      query: c.req.query('q'),
      headers: c.req.header(),
      body: await c.req.text(),
    }),
  )
  .get('/bytes', (c) => c.body(new Uint8Array([0, 255]), 200, { 'content-type': 'image/png' }))
  .get('/gzip', (c) =>
    c.body(new Uint8Array([31, 139]), 200, { 'content-type': 'text/css', 'content-encoding': 'gzip' }),
  )
  .get('/svg', (c) => c.body('<svg/>', 200, { 'content-type': 'image/svg+xml' }))
  .get('/cookies', (c) => {
    c.header('set-cookie', 'a=1; Path=/', { append: true });
    c.header('set-cookie', 'b=2, still b', { append: true });
    c.header('vary', 'origin', { append: true });
    c.header('vary', 'accept', { append: true });
    return c.body(null, 204);
  })
  .get('/not-modified', (c) => c.body(null, 304, { etag: '"x"' }));

const handler = apiGatewayHandler(echo);

async function ask(method: string, path: string, change: Partial<ApiGatewayEvent> = {}) {
  return handler({ ...toApiGatewayEvent(method, path), ...change });
}

async function echoed(method: string, path: string, change: Partial<ApiGatewayEvent> = {}) {
  const { statusCode, body = '' } = await ask(method, path, change);
  expect(statusCode, body).toBe(200);
  const answer: Record<string, unknown> & { headers: Record<string, string> } = JSON.parse(body);
  return answer;
}

describe('an event of API Gateway', () => {
  test.each([
    'plain.txt',
    'two words+plus.txt',
    'per%cent %41 %2F %',
    'ünï/日本語/🪣',
    'a//b///c/',
    '-_.!~*\'();:@&=$,[]{}|^`<>"\\#',
  ])('carries the path %j, which the gateway has decoded', async (rest) => {
    const encoded = rest.split('/').map(encodeURIComponent).join('/');
    expect(toApiGatewayEvent('GET', `/echo/${encoded}`).rawPath).toBe(`/echo/${rest}`);
    expect(await echoed('GET', `/echo/${encoded}`)).toMatchObject({ rest });
  });

  test('carries the query as it was sent', async () => {
    expect(await echoed('GET', '/echo/x?q=a%20b%2Bc%26d+e&r=1')).toMatchObject({ query: 'a b+c&d e' });
  });

  test('has the host that was called', async () => {
    expect((await echoed('GET', '/echo/x'))['url']).toBe(
      'https://abc123.execute-api.eu-west-1.amazonaws.com/echo/x',
    );
  });

  test('has its headers under names of any case, and the cookies as one', async () => {
    const { headers } = await echoed('GET', '/echo/x', {
      headers: { 'X-Forwarded-For': '192.0.2.1', 'x-forwarded-proto': 'https', accept: 'a, b' },
      cookies: ['a=1', 'b=2'],
    });
    expect(headers).toMatchObject({
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'https',
      accept: 'a, b',
      cookie: 'a=1; b=2',
    });
  });

  test.each([
    ['of text', 'ünï', false],
    ['in base64', Buffer.from('ünï').toString('base64'), true],
  ])('carries a body %s, with its length in bytes', async (_, body, isBase64Encoded) => {
    const headers = { 'content-length': '99', 'transfer-encoding': 'chunked' };
    const answer = await echoed('POST', '/echo/x', { body, isBase64Encoded, headers });
    expect(answer).toMatchObject({ body: 'ünï', headers: { 'content-length': '5' } });
    expect(answer.headers).not.toHaveProperty('transfer-encoding');
  });

  test('may be a GET with a body, which is ignored', async () => {
    expect(await echoed('GET', '/echo/x', { body: 'x' })).toMatchObject({ body: '' });
  });

  test('of a named stage has a path that begins with the stage', async () => {
    const event = toApiGatewayEvent('GET', '/echo/x');
    const requestContext = { ...event.requestContext, stage: 'prod' };
    expect(await echoed('GET', '/', { rawPath: '/prod/echo/prod/x', requestContext })).toMatchObject({
      rest: 'prod/x',
    });
    expect(await echoed('GET', '/', { rawPath: '/echo/prod/x', requestContext })).toMatchObject({
      rest: 'prod/x',
    });
    expect((await ask('GET', '/', { rawPath: '/prod', requestContext })).statusCode).toBe(404);
  });

  test("has the caller's request id, or else the gateway's", async () => {
    expect((await echoed('GET', '/echo/x')).headers['x-request-id']).toBe('JKJaXmPLvHcESHA=');
    const { headers } = await echoed('GET', '/echo/x', { headers: { 'X-Request-Id': 'mine-12345' } });
    expect(headers['x-request-id']).toBe('mine-12345');
  });
});

describe('an answer to API Gateway', () => {
  test('holds text as it is and bytes in base64', async () => {
    expect(await ask('GET', '/svg')).toMatchObject({ body: '<svg/>', isBase64Encoded: false });
    expect(await ask('GET', '/bytes')).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
    expect(await ask('GET', '/gzip')).toMatchObject({ body: 'H4s=', isBase64Encoded: true });
  });

  test('keeps each cookie apart, and joins other headers', async () => {
    expect(await ask('GET', '/cookies')).toEqual({
      statusCode: 204,
      cookies: ['a=1; Path=/', 'b=2, still b'],
      headers: { vary: 'origin, accept' },
    });
  });

  test('has no body to HEAD, 204 and 304', async () => {
    expect(await ask('HEAD', '/svg')).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'image/svg+xml' },
    });
    expect(await ask('GET', '/not-modified')).toEqual({ statusCode: 304, headers: { etag: '"x"' } });
  });
});
