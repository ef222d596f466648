import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Hono } from 'hono';
import type { AppEnv } from '../http/env.ts';

/** What is read of an event of an API Gateway HTTP API (payload version 2.0). */
export type ApiGatewayEvent = Pick<
  APIGatewayProxyEventV2,
  'rawPath' | 'rawQueryString' | 'headers' | 'cookies' | 'body' | 'isBase64Encoded'
> & {
  readonly requestContext: Pick<
    APIGatewayProxyEventV2['requestContext'],
    'domainName' | 'stage' | 'requestId' | 'authentication'
  > & { readonly http: { readonly method: string; readonly sourceIp?: string } };
};

export type ApiGatewayHandler = (event: ApiGatewayEvent) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * The app as a Lambda handler behind an API Gateway HTTP API.
 *
 * One thing an HTTP API cannot carry: it decodes the path before Lambda sees it and cuts it at a `?`, so that a key
 * which holds a question mark is out of reach of the routes with the key in the path. The routes with the key in
 * their JSON body take every key.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function apiGatewayHandler(app: Hono<AppEnv>): ApiGatewayHandler {
  return async (event) => {
    const peer = { address: event.requestContext.http.sourceIp };
    return toResult(await app.fetch(toRequest(event), { peer }));
  };
}

function toRequest(event: ApiGatewayEvent): Request {
  const { method } = event.requestContext.http;
  const url = `https://${event.requestContext.domainName}${encodePath(pathOf(event))}`;
  const body = method === 'GET' || method === 'HEAD' ? null : bodyOf(event);
  return new Request(event.rawQueryString === '' ? url : `${url}?${event.rawQueryString}`, {
    method,
    headers: headersOf(event, body),
    body,
  });
}

/** Without the stage, which leads the path of every stage but `$default`. */
function pathOf({ rawPath, requestContext: { stage } }: ApiGatewayEvent): string {
  const prefix = `/${stage}`;
  return rawPath === prefix || rawPath.startsWith(`${prefix}/`)
    ? rawPath.slice(prefix.length) || '/'
    : rawPath;
}

/** HTTP APIs hand the path over decoded: it gets back the one encoding that the app will take off. */
function encodePath(path: string): string {
  return encodeURIComponent(path.toWellFormed()).replaceAll('%2F', '/');
}

function bodyOf({ body, isBase64Encoded }: ApiGatewayEvent): Uint8Array<ArrayBuffer> | null {
  if (body === undefined || body === '') return null;
  return new Uint8Array(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
}

/** The sender's own headers, but for the length, which is that of the body as it is here. */
function headersOf(event: ApiGatewayEvent, body: Uint8Array | null): Headers {
  const headers = new Headers({ 'x-request-id': event.requestContext.requestId });
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined) headers.set(name, value);
  }
  if (event.cookies) headers.set('cookie', event.cookies.join('; '));
  headers.delete('transfer-encoding');
  headers.delete('content-length');
  if (body) headers.set('content-length', String(body.length));
  return headers;
}

async function toResult(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  const cookies = response.headers.getSetCookie();
  return {
    statusCode: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie')),
    ...(cookies.length > 0 && { cookies }),
    ...(response.body && (await toResultBody(response))),
  };
}

const textTypes = /^(?:text\/|application\/(?:[\w.+-]+\+)?(?:json|xml|javascript)\b|image\/svg\+xml\b)/i;

/** Text as it is; all else in base64, since the result travels as JSON. */
async function toResultBody(
  response: Response,
): Promise<Pick<APIGatewayProxyStructuredResultV2, 'body' | 'isBase64Encoded'>> {
  const { headers } = response;
  if (!headers.has('content-encoding') && textTypes.test(headers.get('content-type') ?? '')) {
    return { body: await response.text(), isBase64Encoded: false };
  }
  return { body: Buffer.from(await response.arrayBuffer()).toString('base64'), isBase64Encoded: true };
}
