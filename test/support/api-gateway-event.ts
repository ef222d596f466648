import { unescape } from 'node:querystring';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/**
 * The event that an HTTP API (payload version 2.0, `$default` stage) makes of a request: the path decoded and cut at a
 * question mark, the query as it was sent, header names in lower case, equal headers joined, a body that is no text in
 * base64.
 *
 * @param target - path and query, encoded as on the wire
 */
export function toApiGatewayEvent(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Uint8Array,
): APIGatewayProxyEventV2 {
  const [path = '', query = ''] = target.split(/\?(.*)/s, 2);
  const [rawPath = ''] = unescape(path).split('?', 1);
  const domainName = 'abc123.execute-api.eu-west-1.amazonaws.com';
  const isText =
    typeof body === 'string' && /^(?:text\/|application\/json)/.test(headers['content-type'] ?? 'text/');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: query,
    headers: {
      host: domainName,
      'x-amzn-trace-id': 'Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc123',
      domainName,
      domainPrefix: 'abc123',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '23/Nov/2026:19:00:00 +0000',
      timeEpoch: 1_795_460_400_000,
    },
    ...(body !== undefined && { body: isText ? body : Buffer.from(body).toString('base64') }),
    isBase64Encoded: body !== undefined && !isText,
  };
}
