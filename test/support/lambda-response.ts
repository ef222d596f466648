import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** What API Gateway makes of a function's result. */
export function toResponse({
  statusCode = 200,
  headers = {},
  cookies = [],
  body,
  isBase64Encoded = false,
}: APIGatewayProxyStructuredResultV2): Response {
  const response = new Response(
    body === undefined ? null : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    {
      status: statusCode,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    },
  );
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
}
