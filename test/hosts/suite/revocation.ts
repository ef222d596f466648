import { beforeEach, expect, test } from 'vitest';
import { tokenAnswer } from '../../../lib/access/schema.ts';
import { newKeyAnswer } from '../../../lib/keys/schema.ts';
import type { Api } from './host.ts';

export function revocationSuite(api: Api): void {
  beforeEach(({ skip }) => skip(!api.hasRecords, 'the database of records is absent'));

  const writeMine = { bucket: 'files', prefix: 'mine/', actions: ['read', 'write'] };
  const revoked = '401 credentials_revoked';

  async function mint(maker: Api = api, command: Readonly<Record<string, unknown>> = {}) {
    const { token, tokenId } = await maker.ask(tokenAnswer, 'POST', '/v1/tokens', {
      grants: [writeMine],
      ...command,
    });
    return { holder: api.as(token), tokenId };
  }

  async function makeKey(command: Readonly<Record<string, unknown>> = {}) {
    const { key, keyId } = await api.ask(newKeyAnswer, 'POST', '/v1/keys', {
      name: 'of the tests',
      grants: [writeMine],
      ...command,
    });
    return { holder: api.as(key), path: `/v1/keys/${keyId}` };
  }

  const revoke = async (caller: Api, tokenId: string) =>
    (await caller.call('POST', '/v1/tokens/revoke', { tokenId })).status;

  test('ends a token, and no other', async () => {
    const [one, other] = [await mint(), await mint()];
    expect(await revoke(api, one.tokenId)).toBe(204);
    expect(await one.holder.refusal('GET', '/v1/me')).toBe(revoked);
    expect(await one.holder.refusal('GET', '/v1/content/files/mine/a')).toBe(revoked);
    expect((await other.holder.call('GET', '/v1/me')).status).toBe(200);
  });

  test('ends what was made with a token, but not what that was made with', async () => {
    const parent = await mint();
    const child = await mint(parent.holder);
    const grandchild = await mint(child.holder);
    await revoke(api, child.tokenId);
    expect(await child.holder.refusal('GET', '/v1/me')).toBe(revoked);
    expect(await grandchild.holder.refusal('GET', '/v1/me')).toBe(revoked);
    expect((await parent.holder.call('GET', '/v1/me')).status).toBe(200);
  });

  test('ends the uploads that a token has begun, for everybody', async () => {
    const { holder, tokenId } = await mint();
    const other = await mint();
    const upload = await holder.begin({ key: 'mine/a', sizeBytes: 20 * 2 ** 20, method: 'multipart' });
    const path = `/v1/uploads/${upload.uploadId}`;
    expect((await other.holder.call('GET', path)).status).toBe(200);
    await revoke(api, tokenId);
    for (const caller of [other.holder, api]) {
      expect(await caller.refusal('GET', path)).toBe(revoked);
      expect(await caller.refusal('POST', `${path}/parts`, { partNumbers: [1] })).toBe(revoked);
      expect(await caller.refusal('POST', `${path}/complete`)).toBe(revoked);
    }
  });

  test('is open to the bearer itself, and to nobody beside it', async () => {
    const [one, other] = [await mint(), await mint()];
    expect(await one.holder.refusal('POST', '/v1/tokens/revoke', { tokenId: other.tokenId })).toBe(
      '403 access_denied',
    );
    expect(await revoke(one.holder, one.tokenId)).toBe(204);
    expect(await one.holder.refusal('GET', '/v1/me')).toBe(revoked);
    expect((await other.holder.call('GET', '/v1/me')).status).toBe(200);
  });

  test("by an API key ends that key's tokens, and nobody else's", async () => {
    const key = await makeKey();
    const [own, foreign] = [await mint(key.holder), await mint()];
    for (const { tokenId } of [own, foreign]) expect(await revoke(key.holder, tokenId)).toBe(204);
    expect(await own.holder.refusal('GET', '/v1/me')).toBe(revoked);
    expect((await foreign.holder.call('GET', '/v1/me')).status).toBe(200);
  });

  test("by an administrator ends the tokens of its own tenant, and no other's", async () => {
    const administrator = await mint(api, {
      tenant: 'acme',
      grants: [{ bucket: '*', prefix: '', actions: ['admin'] }],
    });
    const [own, foreign] = [await mint(api, { tenant: 'acme' }), await mint(api, { tenant: 'other' })];
    for (const { tokenId } of [own, foreign]) expect(await revoke(administrator.holder, tokenId)).toBe(204);
    expect(await own.holder.refusal('GET', '/v1/me')).toBe(revoked);
    expect((await foreign.holder.call('GET', '/v1/me')).status).toBe(200);
  });

  test.each(['DELETE', 'PATCH'])('comes with %s of the key that made a token', async (method) => {
    const key = await makeKey();
    const { holder } = await mint(key.holder);
    const child = await mint(holder);
    const upload = await key.holder.begin({ key: 'mine/b' });
    await api.call(method, key.path, method === 'PATCH' ? { enabled: false } : undefined);
    for (const caller of [holder, child.holder]) expect(await caller.refusal('GET', '/v1/me')).toBe(revoked);
    expect(await api.refusal('GET', `/v1/uploads/${upload.uploadId}`)).toBe(revoked);
  });

  test('stays when its key is enabled again', async () => {
    const key = await makeKey();
    const { holder } = await mint(key.holder);
    await api.call('PATCH', key.path, { enabled: false });
    await api.call('PATCH', key.path, { enabled: true });
    expect(await holder.refusal('GET', '/v1/me')).toBe(revoked);
    expect((await key.holder.call('GET', '/v1/me')).status).toBe(200);
  });
}
