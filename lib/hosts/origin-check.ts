import { hash, timingSafeEqual } from 'node:crypto';
import { originHeader } from '../config/origin-header.ts';
import { StowageError } from '../errors.ts';
import type { ApiGatewayEvent, ApiGatewayHandler } from './api-gateway.ts';

/**
 * Answers only what came through CloudFront, with its firewall and its limits, and not to who found the API's own
 * address. A client certificate does as well: the gateway has checked it, on a domain that has no CloudFront.
 *
 * @param secretsSha256 - of the secrets of which a request must bring one; none: every request is answered
 */
export function originCheck(handler: ApiGatewayHandler, secretsSha256: readonly Buffer[]): ApiGatewayHandler {
  if (secretsSha256.length === 0) return handler;
  return async (event) => {
    const { [originHeader]: secret = '', ...headers } = event.headers;
    const given = hash('sha256', secret, 'buffer');
    const isKnown = secretsSha256.some((expected) => timingSafeEqual(given, expected));
    if (!isKnown && !hasClientCertificate(event)) return refusal(event.requestContext.requestId);
    return handler({ ...event, headers });
  };
}

function hasClientCertificate({ requestContext: { authentication } }: ApiGatewayEvent): boolean {
  return Boolean(authentication?.clientCert);
}

function refusal(requestId: string): Awaited<ReturnType<ApiGatewayHandler>> {
  const { status, title, code, message } = new StowageError(
    'access_denied',
    'The service answers at its public address only.',
  );
  const type = `urn:stowage:problem:${code}`;
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', 'x-request-id': requestId },
    body: JSON.stringify({ type, title, status, detail: message, code, requestId }),
  };
}
