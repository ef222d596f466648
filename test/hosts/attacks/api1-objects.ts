import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tokenAnswer } from '../../../lib/access/schema.ts';
import { newKeyAnswer } from '../../../lib/keys/schema.ts';
import { listAnswer, objectAnswer } from '../../../lib/objects/schema.ts';
import { uploadsAnswer } from '../../../lib/uploads/schema.ts';
import { newWebhookAnswer } from '../../../lib/webhooks/schema.ts';
import { type Api, encodeKey, problemOf } from '../suite/host.ts';
import { type Cast, castOf, secret, tamper } from './cast.ts';

/** Does anybody reach what is another's, by its name or by an id? */
export function objectAttacks(api: Api): void {
  let cast: Cast;
  beforeAll(async () => {
    cast = await castOf(api);
  });

  const command = { bucket: 'files', key: secret, sizeBytes: 6 };
  const item = { bucket: 'files', key: secret };
  const path = `files/${secret}`;

  describe.each(['stranger', 'neighbour'] as const)('a %s', (who) => {
    test.each<[name: string, method: string, target: string, body?: unknown]>([
      ['content', 'GET', `/v1/content/${path}`],
      ['content by HEAD', 'HEAD', `/v1/content/${path}`],
      ['a version of content', 'GET', `/v1/content/${path}?versionId=null`],
      ['metadata', 'GET', `/v1/objects/${path}`],
      ['metadata by HEAD', 'HEAD', `/v1/objects/${path}`],
      ['deletion', 'DELETE', `/v1/objects/${path}`],
      ['deletion of a version', 'DELETE', `/v1/objects/${path}?versionId=null`],
      ['an overwrite', 'POST', '/v1/uploads', command],
      ['an overwrite by a form', 'POST', '/v1/uploads', { ...command, method: 'form' }],
      ['an overwrite in parts', 'POST', '/v1/uploads', { ...command, method: 'multipart' }],
      ['a listing of the whole bucket', 'GET', '/v1/objects/files'],
      ['a listing of the prefix', 'GET', '/v1/objects/files?prefix=acme/ann/'],
      ['a listing above the prefix', 'GET', '/v1/objects/files?prefix=acme'],
      ['a listing by delimiter', 'GET', '/v1/objects/files?delimiter=/'],
      ['unfinished uploads', 'GET', '/v1/uploads?bucket=files&prefix=acme/ann/'],
      ['all unfinished uploads', 'GET', '/v1/uploads?bucket=files'],
    ])('gets no %s', async (_, method, target, body) => {
      expect((await cast[who].call(method, target, body)).status).toBe(403);
    });

    test('gets no address in a batch', async () => {
      const own = { bucket: 'files', key: `${cast.prefixOf(who)}own` };
      const answer = await cast[who].call('POST', '/v1/downloads', { items: [own, item, own] });
      expect(await answer.json()).toMatchObject({
        items: [
          { url: expect.any(String) },
          { error: { code: 'access_denied' } },
          { url: expect.any(String) },
        ],
      });
    });

    test('deletes nothing in a batch', async () => {
      const keys = [`${cast.prefixOf(who)}own`, secret];
      const answer = await cast[who].call('POST', '/v1/objects/files/delete', { keys });
      expect(await answer.json()).toMatchObject({
        results: [{ deleted: true }, { error: { code: 'access_denied' } }],
      });
      expect((await cast.victim.call('GET', `/v1/objects/${path}`)).status).toBe(200);
    });

    test('is told so when it asks for the reason', async () => {
      const answer = await cast[who].call('GET', `/v1/me?explain=read:${path}`);
      expect(await answer.json()).toMatchObject({ explanation: { allowed: false, code: 'access_denied' } });
    });

    test.each([
      ['looking at', 'GET', ''],
      ['signing parts of', 'POST', '/parts'],
      ['completing', 'POST', '/complete'],
      ['aborting', 'DELETE', ''],
    ])('has no use for the id of an upload: %s it', async (_, method, action) => {
      const body = action === '/parts' ? { partNumbers: [1] } : undefined;
      const target = `/v1/uploads/${cast.uploadId}${action}`;
      expect(await cast[who].refusal(method, target, body)).toBe('403 access_denied');
      expect((await cast.victim.call('GET', `/v1/uploads/${cast.uploadId}`)).status).toBe(200);
    });
  });

  test.each([
    ['the name of the victim in capitals', 'ACME/ANN/secret'],
    ['the prefix without its slash', 'acme/annsecret'],
    ['two slashes', 'acme//ann/secret'],
    ['a slash before it', '/acme/ann/secret'],
    ['a Cyrillic letter', '\u0430cme/ann/secret'],
    ['full-width letters', '\uff41cme/ann/secret'],
    ['a combining mark', 'acme/a\u0301nn/secret'],
    ['an invisible character', 'acme/ann\u200b/secret'],
    ['a space at the end', 'acme/ann /secret'],
    ['percent signs', 'acme%2Fann%2Fsecret'],
  ])('a grant on acme/ann/ does not reach %s', async (_, key) => {
    expect(await cast.victim.refusal('GET', `/v1/content/files/${encodeKey(key)}`)).toBe('403 access_denied');
    expect(await cast.victim.refusal('POST', '/v1/uploads', { ...command, key })).toBe('403 access_denied');
  });

  test('one form of Unicode is not the other', async () => {
    const [composed, decomposed] = ['é', 'é'].map((text, index) => text.normalize(index ? 'NFD' : 'NFC'));
    const holder = await api.delegate({
      grants: [{ bucket: 'files', prefix: `${composed}/`, actions: ['read'] }],
    });
    expect(
      (await holder.call('GET', `/v1/content/files/${encodeURIComponent(`${composed}`)}/a`)).status,
    ).toBe(302);
    expect(
      (await holder.call('GET', `/v1/content/files/${encodeURIComponent(`${decomposed}`)}/a`)).status,
    ).toBe(403);
  });

  test('the same key of another bucket is another object', async () => {
    expect(await cast.victim.refusal('GET', `/v1/content/images/${secret}`)).toBe('403 access_denied');
  });

  test.each<[name: string, alter: (id: string) => string]>([
    ['cut at its end', (id) => id.slice(0, -1)],
    ['cut at its beginning', (id) => id.slice(1)],
    ['cut in half', (id) => id.slice(0, id.length / 2)],
    ['extended by a letter', (id) => `${id}A`],
    ['doubled', (id) => id + id],
    ['padded', (id) => `${id}=`],
    ['of another key generation', (id) => tamper(id, 0)],
    ['with another nonce', (id) => tamper(id, 8)],
    ['with other contents', (id) => tamper(id, Math.floor(id.length / 2))],
    ['with another tag', (id) => tamper(id, id.length - 3)],
    ['in another alphabet', (id) => Buffer.from(id, 'base64url').toString('hex')],
    ['of another address', (id) => id.split('').toReversed().join('')],
    ['empty but for its form', () => 'AAAA'],
    ['of zeros', () => 'A'.repeat(200)],
  ])('an upload id %s is none', async (_, alter) => {
    const altered = alter(cast.uploadId);
    expect(await cast.victim.refusal('GET', `/v1/uploads/${altered}`)).toBe('400 invalid_upload_id');
    expect(await api.refusal('DELETE', `/v1/uploads/${altered}`)).toBe('400 invalid_upload_id');
  });

  test('a token is no upload id, and an upload id is no token', async () => {
    const token = cast.victim.credential;
    expect(await api.refusal('GET', `/v1/uploads/${token}`)).toBe('400 invalid_upload_id');
    expect(await api.refusal('GET', `/v1/uploads/${token.replace('stowt_', '')}`)).toBe(
      '400 invalid_upload_id',
    );
    expect(await api.as(`stowt_${cast.uploadId}`).refusal('GET', '/v1/me')).toBe('401 invalid_credentials');
  });

  test('the middle of one upload id in another is none', async () => {
    const other = (await api.begin({ key: 'other', sizeBytes: 20 * 2 ** 20, method: 'multipart' })).uploadId;
    const spliced = cast.uploadId.slice(0, 40) + other.slice(40);
    expect(await api.refusal('GET', `/v1/uploads/${spliced}`)).toBe('400 invalid_upload_id');
    expect((await api.call('DELETE', `/v1/uploads/${other}`)).status).toBe(204);
  });

  test('an upload id gives nobody a larger object, or another type, than their grants', async () => {
    const grants = [{ bucket: 'files', prefix: 'acme/ann/', actions: ['write'] }];
    const names = { sub: 'ann', tenant: 'acme' };
    const small = await api.delegate({ ...names, grants: [{ ...grants[0], maxObjectBytes: 10 }] });
    const typed = await api.delegate({ ...names, grants: [{ ...grants[0], contentTypes: ['image/*'] }] });
    const target = `/v1/uploads/${cast.uploadId}`;
    for (const [action, body] of [
      ['/parts', { partNumbers: [1] }],
      ['/complete', undefined],
    ] as const) {
      expect(await small.refusal('POST', target + action, body)).toBe('413 object_too_large');
      expect(await typed.refusal('POST', target + action, body)).toBe('415 content_type_not_allowed');
    }
  });

  test('an upload that a listing found cannot be completed or signed', async () => {
    const lister = await api.delegate({
      sub: 'ann',
      tenant: 'acme',
      grants: [{ bucket: 'files', prefix: 'acme/', actions: ['list', 'write'] }],
    });
    const target = '/v1/uploads?bucket=files&prefix=acme/ann/';
    const found = (await lister.ask(uploadsAnswer, 'GET', target)).uploads.find(({ key }) => key === secret);
    for (const [action, body] of [
      ['/parts', { partNumbers: [1] }],
      ['/complete', undefined],
    ] as const) {
      const refusal = await lister.refusal('POST', `/v1/uploads/${found?.uploadId}${action}`, body);
      expect(refusal).toBe('409 upload_not_resumable');
    }
  });

  test("a cursor of the victim's listing opens nothing", async () => {
    const listing = '/v1/objects/files?limit=1&prefix=';
    const { cursor } = await cast.victim.ask(listAnswer, 'GET', `${listing}acme/ann/`);
    expect(cursor).toBeDefined();
    const answer = await cast.stranger.call('GET', `${listing}evil/&cursor=${cursor}`);
    const text = await answer.text();
    expect([200, 400]).toContain(answer.status);
    expect(text).not.toContain('acme');
    expect((await cast.stranger.call('GET', `${listing}acme/ann/&cursor=${cursor}`)).status).toBe(403);
  });

  test.each([
    ['a key', secret],
    ['a key before the prefix', 'a'],
    ['a path', '../../etc/passwd'],
    ['SQL', "' OR 1=1 --"],
    ['JSON', '{"prefix":"acme/"}'],
    ['a NUL', 'evil/\0acme/'],
  ])('a cursor made of %s shows nothing beyond the prefix', async (_, text) => {
    const cursor = Buffer.from(text).toString('base64url');
    const answer = await cast.stranger.call('GET', `/v1/objects/files?prefix=evil/&cursor=${cursor}`);
    expect([200, 400]).toContain(answer.status);
    expect(await answer.text()).not.toContain('acme');
  });

  test('a version id of one key opens no other', async () => {
    const objectOf = (key: string) => api.ask(objectAnswer, 'GET', `/v1/objects/images/${key}`);
    for (const key of ['evil/own', 'acme/picture']) {
      await api.store(key, 'picture', { bucket: 'images', contentType: 'image/png' });
    }
    const { versionId } = await objectOf('acme/picture');
    const holder = await api.delegate({
      grants: [{ bucket: 'images', prefix: 'evil/', actions: ['read', 'delete'] }],
    });
    const target = `/v1/objects/images/evil/own?versionId=${versionId}`;
    expect(await holder.refusal('GET', target)).toBe('404 object_not_found');
    await holder.call('DELETE', target);
    expect((await objectOf('acme/picture')).versionId).toBe(versionId);
  });

  describe('with ids of keys and tokens', () => {
    let keyId: string;
    let webhookId: string;
    let admin: Api;
    beforeEach(({ skip }) => skip(!api.hasRecords, 'the database of records is absent'));
    beforeAll(async () => {
      if (!api.hasRecords) return;
      const key = { name: 'of acme', grants: [{ bucket: 'files', actions: ['read'] }], tenant: 'acme' };
      ({ keyId } = await api.ask(newKeyAnswer, 'POST', '/v1/keys', key));
      const everything = { bucket: '*', actions: ['read', 'write', 'delete', 'list', 'admin'] };
      admin = await api.delegate({ grants: [everything], sub: 'mallory', tenant: 'evil' });
      const owner = await api.delegate({ grants: [everything], sub: 'ann', tenant: 'acme' });
      const webhook = { url: 'https://93.184.215.14/', bucket: 'files', enabled: false };
      ({ webhookId } = await owner.ask(newWebhookAnswer, 'POST', '/v1/webhooks', webhook));
    });

    test.each<[name: string, method: string, action: string, body?: unknown]>([
      ['look at', 'GET', ''],
      ['disable', 'PATCH', '', { enabled: false }],
      ['enable', 'PATCH', '', { enabled: true }],
      ['rotate', 'POST', '/rotate', {}],
      ['delete', 'DELETE', ''],
    ])(
      "the administrator of one tenant cannot %s another's key, nor learn that it exists",
      async (_, method, action, body) => {
        const refusalOf = async (id: string) => {
          const {
            requestId: __,
            detail,
            ...document
          } = await problemOf(await admin.call(method, `/v1/keys/${id}${action}`, body));
          return { ...document, detail: detail.replace(id, '') };
        };
        const refusal = await refusalOf(keyId);
        expect(refusal).toMatchObject({ status: 404, code: 'key_not_found' });
        expect(refusal).toEqual(await refusalOf('AAAAAAAAAAAA'));
      },
    );

    test("the administrator of one tenant sees no other's keys in the list", async () => {
      const text = await (await admin.call('GET', '/v1/keys')).text();
      expect(text).not.toContain(keyId);
      const before = keyId.slice(0, -1);
      expect(await (await admin.call('GET', `/v1/keys?cursor=${before}`)).text()).not.toContain(keyId);
    });

    test("the administrator of one tenant ends no other's token", async () => {
      const { token, tokenId } = await api.ask(tokenAnswer, 'POST', '/v1/tokens', {
        tenant: 'acme',
        grants: [{ bucket: 'files', actions: ['read'] }],
      });
      await admin.call('POST', '/v1/tokens/revoke', { tokenId });
      expect((await api.as(token).call('GET', '/v1/me')).status).toBe(200);
    });

    test.each<[name: string, method: string, action: string, body?: unknown]>([
      ['look at', 'GET', ''],
      ['change', 'PATCH', '', { url: 'https://93.184.215.14/evil' }],
      ['get the secret of', 'POST', '/rotate-secret', {}],
      ['read the deliveries of', 'GET', '/deliveries'],
      ['ping', 'POST', '/ping'],
      ['replay', 'POST', '/replay', { from: '2026-01-01T00:00:00Z' }],
      ['delete', 'DELETE', ''],
    ])("the administrator of one tenant cannot %s another's webhook", async (_, method, action, body) => {
      const refusal = await admin.refusal(method, `/v1/webhooks/${webhookId}${action}`, body);
      expect(refusal).toBe('404 webhook_not_found');
      expect((await api.call('GET', `/v1/webhooks/${webhookId}`)).status).toBe(200);
      expect(await (await admin.call('GET', '/v1/webhooks')).text()).not.toContain(webhookId);
    });

    test.each(['..', '%2e%2e', 'keys', '*', "'%20OR%20'1'='1", '%00', '__proto__'])(
      'the id of a key "%s" is none',
      async (id) => {
        expect([400, 404]).toContain((await api.call('GET', `/v1/keys/${id}`)).status);
      },
    );
  });
}
