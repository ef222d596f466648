import { expect, test } from 'vitest';
import { errorTable } from '../../../lib/errors.ts';
import { openapiDocument } from '../../../lib/openapi/document.ts';
import { type Api, problemOf } from '../suite/host.ts';

/** What anybody may ask without saying who they are. */
const open = new Set(['/health/live', '/health/ready', '/openapi.json', '/v1/sign-in']);

/** Is there a way in that nobody has in mind? */
export function inventoryAttacks(api: Api): void {
  const operations = Object.entries(openapiDocument().paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods ?? {}).map((method) => [method.toUpperCase(), path] as const),
  );
  const addressOf = (path: string) => path.replaceAll(/\{\w+\}/g, 'files');

  test.each(operations)(
    '%s %s lets in nobody without a credential, unless it is meant for all',
    async (method, path) => {
      const response = await api.raw(method, addressOf(path));
      if (open.has(path)) expect(response.status).toBeLessThan(400);
      else expect(await problemOf(response)).toMatchObject({ status: 401, code: 'unauthenticated' });
    },
  );

  test.each(operations.filter(([, path]) => !open.has(path)))(
    '%s %s lets in nobody with a wrong credential',
    async (method, path) => {
      const response = await api.raw(method, addressOf(path), { authorization: 'Bearer stow_wrong' });
      expect(await problemOf(response)).toMatchObject({ status: 401, code: 'invalid_credentials' });
    },
  );

  test.each([
    '/v0/keys',
    '/v2/keys',
    '/keys',
    '/api/v1/keys',
    '/internal',
    '/admin',
    '/debug',
    '/debug/pprof',
    '/metrics.json',
    '/env',
    '/.env',
    '/.git/config',
    '/stowage.json',
    '/secrets.json',
    '/.stowage/secrets.json',
    '/package.json',
    '/server-status',
    '/actuator/env',
    '/graphql',
    '/swagger.json',
    '/latest/meta-data/iam',
    '/console/../secrets.json',
    '/assets/..%2f..%2fsecrets.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/etc/passwd',
    '/v1/debug',
    '/v1/config',
    '/v1/secrets',
    '/v1/principals',
    '/v1/records',
    '/v1/tokens',
  ])('GET %s is no way in, not even for root', async (target) => {
    const response = await api.call('GET', target);
    expect([400, 404]).toContain(response.status);
    expect(await response.text()).not.toMatch(/secretAccessKey|rootKey|"dependencies"|root:/);
  });

  test('every refusal has a name in the contract', async () => {
    const refusals = await Promise.all([
      api.raw('GET', '/v1/me'),
      api.call('GET', '/nothing'),
      api.call('GET', '/v1/objects/none'),
      api.call('POST', '/v1/tokens', {}),
    ]);
    for (const refusal of refusals)
      expect(Object.keys(errorTable)).toContain((await problemOf(refusal)).code);
  });
}
