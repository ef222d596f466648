import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { apiGatewayHandler } from '../../lib/hosts/api-gateway.ts';
import { type RestApiEvent, withRestApi } from '../../lib/hosts/rest-api.ts';
import type { AppEnv } from '../../lib/http/env.ts';
import { toApiGatewayEvent } from '../support/api-gateway-event.ts';

/** An app that tells what it was asked. */
const echo = new Hono<AppEnv>()
  .all('/echo/:rest{.*}', async (c) =>
    c.json({
      method: c.req.method,
      rest: c.req.param('rest'),
      queries: c.req.queries('q'),
      type: c.req.header('content-type'),
      body: await c.req.text(),
    }),
  )
  .get('/cookies', (c) => {
    c.header('set-cookie', 'a=1', { append: true });
    c.header('set-cookie', 'b=2', { append: true });
    return c.body(null, 204);
  });

const handler = withRestApi(apiGatewayHandler(echo));

function restEvent(method: string, path: string, change: Partial<RestApiEvent> = {}): RestApiEvent {
  return {
    httpMethod: method,
    path,
    multiValueHeaders: { Host: ['abc123.execute-api.eu-west-1.amazonaws.com'] },
    multiValueQueryStringParameters: null,
    body: null,
    isBase64Encoded: false,
    requestContext: {
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      domainName: 'abc123.execute-api.eu-west-1.amazonaws.com',
      identity: { clientCert: null, sourceIp: '192.0.2.1' },
    },
    ...change,
  };
}

test.each(['plain.txt', 'two words+plus.txt', 'a?b#c', 'ünï/日本語', 'per%cent %41'])(
  'a REST API carries the path %j, which it hands over as it was sent',
  async (rest) => {
    const path = `/echo/${rest.split('/').map(encodeURIComponent).join('/')}`;
    const { body } = await handler(restEvent('GET', path));
    expect(JSON.parse(body ?? '')).toMatchObject({ method: 'GET', rest });
  },
);

test('and its query, decoded, its headers, and its body', async () => {
  const { body } = await handler(
    restEvent('POST', '/echo/x', {
      multiValueQueryStringParameters: { q: ['a b&c', '+'] },
      multiValueHeaders: { 'Content-Type': ['text/plain'] },
      body: Buffer.from('hällo').toString('base64'),
      isBase64Encoded: true,
    }),
  );
  expect(JSON.parse(body ?? '')).toMatchObject({
    method: 'POST',
    queries: ['a b&c', '+'],
    type: 'text/plain',
    body: 'hällo',
  });
});

test('cookies go back in the form that it knows', async () => {
  const result = await handler(restEvent('GET', '/cookies'));
  expect(result).toMatchObject({ statusCode: 204, multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] } });
  expect(result).not.toHaveProperty('cookies');
});

test('an event of an HTTP API is taken as ever', async () => {
  const { body } = await handler(toApiGatewayEvent('GET', '/echo/a%20b'));
  expect(JSON.parse(body ?? '')).toMatchObject({ rest: 'a b' });
});
