import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestService, type TestService } from '../support/service.ts';

describe('GET /v1/me?explain=', () => {
  let service: TestService;
  let token: string;
  const grants = [
    { bucket: 'files', prefix: 'mine/', actions: ['read', 'write'] },
    { bucket: 'files', prefix: '', actions: ['list'] },
  ];

  beforeAll(async () => {
    service = await openTestService();
    const minted: { token: string } = await (await service.call('POST', '/v1/tokens', { grants })).json();
    ({ token } = minted);
  });
  afterAll(() => service.stop());

  const explain = (text: string) =>
    service.call('GET', `/v1/me?explain=${encodeURIComponent(text)}`, undefined, token);

  test.each([
    ['write:files/mine/a b', grants[0]],
    ['read:files/mine/', grants[0]],
    ['list:files/mine', grants[1]],
    ['list:files/', grants[1]],
  ])('names the grant that allows %s', async (text, grant) => {
    expect(await (await explain(text)).json()).toMatchObject({ explanation: { allowed: true, grant } });
  });

  test.each(['delete:files/mine/a', 'read:files/mine', 'read:media/mine/a', 'admin:files/'])(
    'names what is lacking for %s',
    async (text) => {
      expect(await (await explain(text)).json()).toMatchObject({
        explanation: {
          allowed: false,
          code: 'access_denied',
          detail: `No grant allows ${text.replace(':', ' on ')}.`,
        },
      });
    },
  );

  test.each(['', 'read', 'read:files', 'fly:files/a', ':files/a', 'read:/a'])(
    'refuses "%s"',
    async (text) => {
      const response = await explain(text);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ path: 'explain' }] });
    },
  );

  test('explains nothing unasked', async () => {
    expect(await (await service.call('GET', '/v1/me')).json()).not.toHaveProperty('explanation');
  });
});
