import { everything } from '../access/grants.ts';
import type { Seal } from '../access/seal.ts';
import { mintToken } from '../access/token.ts';
import type { Config } from '../config/schema.ts';
import type { ApiGatewayHandler } from './api-gateway.ts';

/**
 * Lets a new execution environment answer one request before the first real one comes. Lambda starts an environment at
 * full CPU and serves with a fraction of one, so that what a first request must compile, derive and build is cheap
 * here and dear later. The request is an ordinary one, by a token that is thrown away; its answer goes nowhere.
 *
 * @throws Error when the service cannot answer: such an environment should not begin to serve
 */
export async function prime(handler: ApiGatewayHandler, seal: Seal, { buckets }: Config): Promise<void> {
  const { token } = mintToken(
    seal,
    { kind: 'root', sub: 'prime', grants: [everything] },
    { grants: [{ bucket: '*', prefix: '', actions: ['read'] }], expiresInSeconds: 60 },
    new Date(),
  );
  const { statusCode, body } = await handler({
    rawPath: '/v1/downloads',
    rawQueryString: '',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    requestContext: {
      domainName: 'localhost',
      stage: '$default',
      requestId: 'priming-request',
      http: { method: 'POST' },
    },
    body: JSON.stringify({ items: [{ bucket: Object.keys(buckets)[0], key: 'prime' }] }),
    isBase64Encoded: false,
  });
  if (statusCode !== 200) throw new Error(`The service does not work: ${body}`);
}
