import { unescape } from 'node:querystring';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { ApiGatewayEvent, ApiGatewayHandler } from './api-gateway.ts';

/** What is read of an event of an API Gateway REST API. */
export type RestApiEvent = Pick<
  APIGatewayProxyEvent,
  'httpMethod' | 'path' | 'multiValueHeaders' | 'multiValueQueryStringParameters' | 'body' | 'isBase64Encoded'
> & {
  readonly requestContext: Pick<APIGatewayProxyEvent['requestContext'], 'requestId' | 'domainName'> & {
    readonly identity: Pick<APIGatewayProxyEvent['requestContext']['identity'], 'clientCert' | 'sourceIp'>;
  };
};

/** Lets a handler of HTTP API events take those of a REST API, too. */
export function withRestApi(
  handler: ApiGatewayHandler,
): (event: ApiGatewayEvent | RestApiEvent) => Promise<Awaited<ReturnType<ApiGatewayHandler>>> {
  return async (event) =>
    'httpMethod' in event ? toRestApiResult(await handler(fromRestApi(event))) : handler(event);
}

/** REST APIs hand the path over as it was sent, and the query decoded: HTTP APIs do the opposite. */
function fromRestApi(event: RestApiEvent): ApiGatewayEvent {
  const { domainName = 'localhost', requestId, identity } = event.requestContext;
  const query = Object.entries(event.multiValueQueryStringParameters ?? {}).flatMap(([name, values = []]) =>
    values.map((value) => [name, value]),
  );
  const headers = Object.entries(event.multiValueHeaders).map(([name, values = []]) => [
    name.toLowerCase(),
    values.join(', '),
  ]);
  return {
    rawPath: unescape(event.path),
    rawQueryString: new URLSearchParams(query).toString(),
    headers: Object.fromEntries(headers),
    requestContext: {
      domainName,
      requestId,
      stage: '$default',
      http: { method: event.httpMethod, sourceIp: identity.sourceIp },
      ...(identity.clientCert && { authentication: { clientCert: identity.clientCert } }),
    },
    ...(event.body !== null && { body: event.body }),
    isBase64Encoded: event.isBase64Encoded,
  };
}

function toRestApiResult(result: Awaited<ReturnType<ApiGatewayHandler>>): APIGatewayProxyResult {
  const { statusCode = 200, headers = {}, body = '', isBase64Encoded = false, cookies } = result;
  return {
    statusCode,
    headers,
    body,
    isBase64Encoded,
    ...(cookies && { multiValueHeaders: { 'set-cookie': cookies } }),
  };
}
