import { beforeEach, expect, test } from 'vitest';
import { meAnswer, tokenAnswer } from '../../../lib/access/schema.ts';
import { keyAnswer, keysAnswer, newKeyAnswer, rotatedKeyAnswer } from '../../../lib/keys/schema.ts';
import { type Api, problemOf } from './host.ts';

export function keysSuite(api: Api): void {
  beforeEach(({ skip }) => skip(!api.hasRecords, 'the database of records is absent'));

  const readMine = { bucket: 'files', prefix: 'mine/', actions: ['read'] };
  const administer = { bucket: '*', prefix: '', actions: ['admin'] };

  async function makeKey(command: Readonly<Record<string, unknown>> = {}, maker = api) {
    const made = await maker.ask(newKeyAnswer, 'POST', '/v1/keys', {
      name: 'of the tests',
      grants: [readMine],
      ...command,
    });
    return { ...made, holder: api.as(made.key), path: `/v1/keys/${made.keyId}` };
  }

  test('a key does what it was made for, and no more', async () => {
    const { key, keyId, holder } = await makeKey({ tenant: 'acme' });
    expect(key).toMatch(/^stow_[0-9A-Za-z]{50}$/);
    expect(key.slice(5)).toMatch(new RegExp(`^${keyId}`));
    expect(await holder.ask(meAnswer, 'GET', '/v1/me')).toMatchObject({
      principal: { kind: 'key', sub: keyId },
      tenant: 'acme',
      grants: [readMine],
    });
    expect((await holder.call('GET', '/v1/content/files/mine/a')).status).toBe(302);
    expect(await holder.refusal('GET', '/v1/content/files/yours/a')).toBe('403 access_denied');
    expect(await holder.refusal('GET', '/v1/keys')).toBe('403 access_denied');
  });

  test('a key is listed and looked at without its text', async () => {
    const { key, keyId, path } = await makeKey({ name: 'backup', expiresInSeconds: 3600 });
    const { keys } = await api.ask(keysAnswer, 'GET', '/v1/keys');
    const listed = keys.find((one) => one.keyId === keyId);
    expect(listed).toMatchObject({
      name: 'backup',
      grants: [readMine],
      enabled: true,
      createdBy: { kind: 'root', sub: 'root' },
    });
    expect(await api.ask(keyAnswer, 'GET', path)).toEqual(listed);
    const secret = key.slice(5 + keyId.length);
    for (const target of ['/v1/keys', path]) {
      const text = await (await api.call('GET', target)).text();
      expect(text).not.toContain(secret);
      expect(text).not.toContain('sha256');
    }
  });

  test('an altered or unknown key is none', async () => {
    const { key } = await makeKey();
    const flipped = `${key.slice(0, 30)}${key[30] === 'A' ? 'B' : 'A'}${key.slice(31)}`;
    for (const wrong of [flipped, key.slice(0, -1), `${key}A`, 'stow_'.padEnd(55, 'A')]) {
      expect(await api.as(wrong).refusal('GET', '/v1/me')).toBe('401 invalid_credentials');
    }
  });

  test('a disabled key is refused until it is enabled again', async () => {
    const { holder, path } = await makeKey();
    expect((await holder.call('GET', '/v1/me')).status).toBe(200);
    expect(await api.ask(keyAnswer, 'PATCH', path, { enabled: false })).toMatchObject({ enabled: false });
    const { code, detail } = await problemOf(await holder.call('GET', '/v1/me'));
    expect([code, detail]).toEqual(['invalid_credentials', 'The API key, or one that made it, is disabled.']);
    await api.ask(keyAnswer, 'PATCH', path, { enabled: true });
    expect((await holder.call('GET', '/v1/me')).status).toBe(200);
  });

  test('a deleted key is unknown', async () => {
    const { holder, path } = await makeKey();
    expect((await holder.call('GET', '/v1/me')).status).toBe(200);
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect(await holder.refusal('GET', '/v1/me')).toBe('401 invalid_credentials');
    for (const method of ['GET', 'DELETE']) {
      expect(await api.refusal(method, path)).toBe('404 key_not_found');
    }
  });

  test('a rotated key has a new text, and the old one as long as asked', async () => {
    const { holder, path, keyId } = await makeKey();
    const first = await api.ask(rotatedKeyAnswer, 'POST', `${path}/rotate`, { overlapSeconds: 60 });
    expect(first.keyId).toBe(keyId);
    expect(Date.parse(first.previousUntil ?? '')).toBeGreaterThan(Date.now() + 50_000);
    for (const caller of [holder, api.as(first.key)]) {
      expect((await caller.call('GET', '/v1/me')).status).toBe(200);
    }
    const second = await api.ask(rotatedKeyAnswer, 'POST', `${path}/rotate`);
    expect(second).not.toHaveProperty('previousUntil');
    for (const caller of [holder, api.as(first.key)]) {
      expect(await caller.refusal('GET', '/v1/me')).toBe('401 invalid_credentials');
    }
    expect((await api.as(second.key).call('GET', '/v1/me')).status).toBe(200);
  });

  test('its use is noted', async () => {
    const { holder, path } = await makeKey();
    expect(await api.ask(keyAnswer, 'GET', path)).not.toHaveProperty('lastUsedAt');
    await holder.call('GET', '/v1/me');
    await expect
      .poll(async () => (await api.ask(keyAnswer, 'GET', path)).lastUsedAt)
      .toSatisfy((time: string) => Math.abs(Date.parse(time) - Date.now()) < 10_000);
  });

  test('nobody makes a key that can do more than they can, or lasts longer', async () => {
    const { holder } = await makeKey({ grants: [administer, readMine], expiresInSeconds: 600 });
    const { code, errors } = await problemOf(
      await holder.call('POST', '/v1/keys', {
        name: 'more',
        grants: [readMine, { ...readMine, prefix: '' }],
      }),
    );
    expect([code, errors?.map(({ path }) => path)]).toEqual(['grant_exceeds_caller', ['grants[1]']]);
    const { expiresAt } = await makeKey({}, holder);
    expect(Date.parse(expiresAt ?? '')).toBeLessThanOrEqual(Date.now() + 600_000);
  });

  test('nobody gets at the text of a key that can do more than they can', async () => {
    const strong = await makeKey({ grants: [{ bucket: '*', prefix: '', actions: ['read', 'write'] }] });
    const admin = await makeKey({ grants: [administer] });
    expect(await admin.holder.refusal('POST', `${strong.path}/rotate`)).toBe('403 grant_exceeds_caller');
    expect((await admin.holder.call('PATCH', strong.path, { enabled: false })).status).toBe(200);
    expect(await admin.holder.refusal('PATCH', strong.path, { enabled: true })).toBe(
      '403 grant_exceeds_caller',
    );
  });

  test("a tenant's keys are its own", async () => {
    const admin = await makeKey({ tenant: 'acme', grants: [administer, readMine] });
    const other = await makeKey({ tenant: 'other' });
    const ours = await makeKey({ tenant: 'acme' }, admin.holder);
    const { keys } = await admin.holder.ask(keysAnswer, 'GET', '/v1/keys');
    expect(keys.map(({ keyId }) => keyId)).toEqual(expect.arrayContaining([ours.keyId, admin.keyId]));
    expect(new Set(keys.map(({ tenant }) => tenant))).toEqual(new Set(['acme']));
    for (const [method, target, body] of [
      ['GET', other.path],
      ['PATCH', other.path, { enabled: false }],
      ['POST', `${other.path}/rotate`],
      ['DELETE', other.path],
    ] as const) {
      expect(await admin.holder.refusal(method, target, body)).toBe('404 key_not_found');
    }
    expect(
      await admin.holder.refusal('POST', '/v1/keys', { name: 'x', grants: [readMine], tenant: 'other' }),
    ).toBe('403 grant_exceeds_caller');
  });

  test('a server with a key makes tokens for its users', async () => {
    const { holder } = await makeKey({
      tenant: 'acme',
      grants: [{ bucket: 'files', prefix: 'users/', actions: ['read', 'write'] }],
    });
    const { grants, token } = await holder.ask(tokenAnswer, 'POST', '/v1/tokens', {
      sub: 'ann',
      grants: [{ bucket: 'files', prefix: 'users/${sub}/', actions: ['write'] }],
    });
    expect(grants.map(({ prefix }) => prefix)).toEqual(['users/ann/']);
    expect(await api.as(token).ask(meAnswer, 'GET', '/v1/me')).toMatchObject({ tenant: 'acme' });
    expect(await holder.refusal('POST', '/v1/tokens', { grants, tenant: 'other' })).toBe(
      '403 grant_exceeds_caller',
    );
  });

  test('fields that a caller has no say in are refused', async () => {
    const { path } = await makeKey();
    for (const extra of [
      { keyId: 'x' },
      { enabled: true },
      { sha256: '' },
      { createdBy: {} },
      { sub: 'root' },
    ]) {
      expect(await api.refusal('POST', '/v1/keys', { name: 'x', grants: [readMine], ...extra })).toBe(
        '400 invalid_request',
      );
    }
    for (const change of [
      {},
      { enabled: 'yes' },
      { enabled: true, grants: [] },
      { enabled: true, tenant: 'x' },
    ]) {
      expect(await api.refusal('PATCH', path, change)).toBe('400 invalid_request');
    }
  });
}
