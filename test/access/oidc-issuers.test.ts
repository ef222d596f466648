import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { audience, makeKey, type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { openTestService, type TestService } from '../support/service.ts';
import { describeRefusal, publish, readMine, trustingService } from './trusting-service.ts';

const trusting = trustingService();

describe('several issuers', () => {
  let other: OpenIdProvider;
  let both: TestService;

  beforeAll(async () => {
    other = await startOpenIdProvider();
    await other.rotate();
  });
  afterAll(() => other.close());

  beforeEach(async () => {
    both = await openTestService({
      buckets: { files: {} },
      access: {
        issuers: [
          { issuer: trusting().provider.issuer, audience, algorithms: ['RS256'] },
          {
            issuer: other.issuer,
            audience,
            grantsClaim: 'permissions',
            tenantClaim: 'org',
            grants: [{ bucket: 'files', prefix: '${tenant}/', actions: ['read'] }],
          },
        ],
      },
    });
  });
  afterEach(() => both.stop());

  const meAt = (token: string) => both.call('GET', '/v1/me', undefined, token);

  test('each speak for their own callers, by their own rules', async () => {
    expect((await meAt(await trusting().provider.issue())).status).toBe(200);
    const response = await meAt(await other.issue({ org: 'acme', stowage: [readMine], permissions: [] }));
    expect(await response.json()).toMatchObject({
      principal: { kind: 'oidc', sub: 'the-tests' },
      tenant: 'acme',
      grants: [{ bucket: 'files', prefix: 'acme/', actions: ['read'] }],
    });
  });

  test.each([[undefined], ['a/b'], ['..'], [['acme']], [7]])('a tenant cannot be %j', async (org) => {
    expect(await describeRefusal(await meAt(await other.sign({ claims: { org } })))).toMatch(/^401.*"org"/);
  });

  test('cannot sign for each other', async () => {
    const { kid } = trusting().provider.key();
    for (const header of [{}, { kid }]) {
      const token = await other.sign({ claims: { iss: trusting().provider.issuer }, header });
      expect((await meAt(token)).status).toBe(401);
    }
  });

  test('may each allow fewer algorithms', async () => {
    const key = await makeKey('ES256');
    trusting().provider.answerWith((request, response) => publish(request.url, response, [key.publicJwk]));
    expect(await describeRefusal(await meAt(await trusting().provider.sign({ key })))).toMatch(
      /algorithm is not accepted/,
    );
  });
});
