import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { meAnswer } from '../../../lib/access/schema.ts';
import { downloadsAnswer } from '../../../lib/downloads/schema.ts';
import { newKeyAnswer } from '../../../lib/keys/schema.ts';
import { type Api, problemOf } from '../suite/host.ts';

/** Does anybody set, or see, a property that is not for them? */
export function propertyAttacks(api: Api): void {
  const grant = { bucket: 'files', prefix: 'mine/', actions: ['read'] };
  const upload = { bucket: 'files', key: 'mine/a', sizeBytes: 1 };
  const token = { grants: [grant] };
  const download = { items: [{ bucket: 'files', key: 'mine/a' }] };
  const raw = (target: string, body: string) =>
    api.raw(
      'POST',
      target,
      { authorization: `Bearer ${api.credential}`, 'content-type': 'application/json' },
      body,
    );

  test.each<[field: string, target: string, body: object]>([
    ['kind', '/v1/tokens', { ...token, kind: 'root' }],
    ['principal', '/v1/tokens', { ...token, principal: { kind: 'root' } }],
    ['lineage', '/v1/tokens', { ...token, lineage: { tokenIds: [], issuedAtSeconds: 0 } }],
    ['tokenId', '/v1/tokens', { ...token, tokenId: 'AAAAAAAAAAAAAAAA' }],
    ['expiresAt', '/v1/tokens', { ...token, expiresAt: '2099-01-01T00:00:00Z' }],
    ['isAdmin', '/v1/tokens', { ...token, isAdmin: true }],
    ['grants[0].isAdmin', '/v1/tokens', { grants: [{ ...grant, isAdmin: true }] }],
    ['grants[0].when', '/v1/tokens', { grants: [{ ...grant, when: {} }] }],
    ['marker', '/v1/uploads', { ...upload, marker: 'evil' }],
    ['tenant', '/v1/uploads', { ...upload, tenant: 'acme' }],
    ['lineage', '/v1/uploads', { ...upload, lineage: {} }],
    ['storageUploadId', '/v1/uploads', { ...upload, storageUploadId: 'evil' }],
    ['acl', '/v1/uploads', { ...upload, acl: 'public-read' }],
    ['storageClass', '/v1/uploads', { ...upload, storageClass: 'GLACIER' }],
    ['url', '/v1/uploads', { ...upload, url: 'https://evil.example' }],
    [
      'checksum.verified',
      '/v1/uploads',
      {
        ...upload,
        checksum: { algorithm: 'crc32', value: 'AAAAAA==', verified: true },
      },
    ],
    ['items[0].url', '/v1/downloads', { items: [{ ...download.items[0], url: 'https://evil.example' }] }],
    [
      'items[0].contentType',
      '/v1/downloads',
      { items: [{ ...download.items[0], contentType: 'text/html' }] },
    ],
    ['bypassGovernance', '/v1/objects/files/delete', { keys: ['mine/a'], bypassGovernance: true }],
    ['bucket', '/v1/objects/files/delete', { keys: ['mine/a'], bucket: 'images' }],
  ])('mass assignment of %s by POST %s', async (field, target, body) => {
    const { code, errors } = await problemOf(await api.call('POST', target, body));
    expect([code, errors?.map(({ path }) => path)]).toEqual(['invalid_request', [field]]);
  });

  test.each([
    'stowage-upload',
    'stowage-tenant',
    'Stowage-Tenant',
    'STOWAGE-UPLOAD',
    'stowage-',
    'stowage-anything',
  ])('mass assignment of the metadata %s, which the service writes itself', async (name) => {
    const metadata = { [name]: 'acme' };
    expect(await api.refusal('POST', '/v1/uploads', { ...upload, metadata })).toBe('400 invalid_request');
  });

  test.each([
    '/v1/me?tenant=acme',
    '/v1/me?sub=root',
    '/v1/objects/files?tenant=acme',
    '/v1/objects/files?admin=true',
    '/v1/objects/files/a?prefix=b',
    '/v1/uploads?bucket=files&tenant=acme',
    '/v1/content/files/a?response-content-type=text/html',
    '/v1/content/files/a?X-Amz-Expires=604800',
    '/v1/content/files/a?expiresInSeconds=604800',
  ])('mass assignment by the query of %s', async (target) => {
    expect(await api.refusal('GET', target)).toBe('400 invalid_request');
  });

  test.each<[name: string, body: string]>([
    ['__proto__', '{"__proto__":{"bucket":"files","isAdmin":true},"grants":[]}'],
    ['constructor', '{"constructor":{"prototype":{"isAdmin":true}},"grants":[]}'],
    ['prototype', '{"prototype":{"isAdmin":true},"grants":[]}'],
    ['__proto__ of a grant', '{"grants":[{"__proto__":{"bucket":"*"},"actions":["read"]}]}'],
    ['__proto__ alone', '{"__proto__":{"grants":[{"bucket":"files","actions":["read"]}]}}'],
    ['__defineGetter__', '{"__defineGetter__":"evil","grants":[]}'],
    ['toString', '{"toString":"evil","grants":[]}'],
    ['hasOwnProperty', '{"hasOwnProperty":1,"grants":[]}'],
  ])('prototype pollution by %s gives nothing', async (_, body) => {
    expect(await problemOf(await raw('/v1/tokens', body))).toMatchObject({ code: 'invalid_request' });
    const { grants } = await (await api.delegate({ grants: [grant] })).ask(meAnswer, 'GET', '/v1/me');
    expect(grants).toEqual([grant]);
  });

  test.each(['__proto__', 'constructor', 'prototype'])(
    'metadata "%s" is refused, and not lost',
    async (name) => {
      const body = `{"bucket":"files","key":"mine/a","sizeBytes":1,"metadata":{"${name}":"a"},"tags":{}}`;
      expect(await problemOf(await raw('/v1/uploads', body))).toMatchObject({ code: 'invalid_request' });
      const tags = `{"bucket":"files","key":"mine/a","sizeBytes":1,"tags":{"${name}":"a"}}`;
      expect(await problemOf(await raw('/v1/uploads', tags))).toMatchObject({ code: 'invalid_request' });
    },
  );

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'the bucket "%s" is none',
    async (bucket) => {
      expect(await api.refusal('POST', '/v1/uploads', { ...upload, bucket })).toBe('404 bucket_not_found');
      expect(await api.refusal('GET', `/v1/objects/${bucket}`)).toBe('404 bucket_not_found');
      expect(await api.refusal('GET', `/v1/uploads?bucket=${bucket}`)).toBe('404 bucket_not_found');
    },
  );

  test.each<[name: string, twice: string]>([
    ['key', '"key":"other/a","key":"mine/a"'],
    ['key, the other way round', '"key":"mine/a","key":"other/a"'],
    ['key, once escaped', '"key":"mine/a","\\u006bey":"other/a"'],
    ['bucket', '"key":"mine/a","bucket":"images","bucket":"files"'],
  ])('what is authorized of a duplicate %s is what is signed', async (_, twice) => {
    const reader = await api.delegate({ grants: [grant] });
    const headers = { authorization: `Bearer ${reader.credential}`, 'content-type': 'application/json' };
    const body = `{"items":[{"bucket":"files",${twice}}]}`;
    const answer = await api.raw('POST', '/v1/downloads', headers, body);
    const text = await answer.text();
    const signed = /"url":"([^"]+)"/.exec(text)?.[1];
    if (signed === undefined) expect(text).toContain('access_denied');
    else expect(new URL(signed).pathname).toBe('/files/mine/a');
  });

  test.each([
    ['prefix', 'prefix=mine/&prefix='],
    ['prefix, the other way round', 'prefix=&prefix=mine/'],
    ['prefix as a list', 'prefix[]=mine/&prefix=other/'],
  ])('what is authorized of a duplicate %s in a query is what is listed', async (_, query) => {
    await api.store('other/hidden', 'x');
    const lister = await api.delegate({ grants: [{ ...grant, actions: ['list'] }] });
    const answer = await lister.call('GET', `/v1/objects/files?${query}`);
    expect(await answer.text()).not.toContain('other/hidden');
  });

  test.each<[name: string, change: object]>([
    ['a list as key', { key: ['mine/a'] }],
    ['an object as key', { key: { toString: 'mine/a' } }],
    ['a number as key', { key: 1 }],
    ['null as key', { key: null }],
    ['a list as bucket', { bucket: ['files'] }],
    ['null as bucket', { bucket: null }],
    ['a text as size', { sizeBytes: '1' }],
    ['a negative size', { sizeBytes: -1 }],
    ['half a byte', { sizeBytes: 0.5 }],
    ['no size', { sizeBytes: null }],
    ['true as size', { sizeBytes: true }],
    ['a list as media type', { contentType: ['image/png'] }],
    ['a text as metadata', { metadata: 'a' }],
    ['a number in metadata', { metadata: { a: 1 } }],
    ['another condition', { ifNoneMatch: '"etag"' }],
    ['an unknown method', { method: 'copy' }],
    ['an unknown checksum', { checksum: { algorithm: 'none', value: '' } }],
    ['a checksum of another length', { checksum: { algorithm: 'sha256', value: 'AAAA' } }],
  ])('type confusion by %s', async (_, change) => {
    expect(await api.refusal('POST', '/v1/uploads', { ...upload, ...change })).toBe('400 invalid_request');
  });

  test.each<[name: string, grants: unknown]>([
    ['an object as grants', { 0: grant }],
    ['no grants', []],
    ['a text as actions', [{ ...grant, actions: 'read' }]],
    ['no actions', [{ ...grant, actions: [] }]],
    ['an unknown action', [{ ...grant, actions: ['*'] }]],
    ['a wildcard in the bucket', [{ ...grant, bucket: 'fil*' }]],
    ['an empty bucket', [{ ...grant, bucket: '' }]],
    ['a list of buckets', [{ ...grant, bucket: ['files'] }]],
    ['a number as prefix', [{ ...grant, prefix: 0 }]],
    ['a negative limit', [{ ...grant, maxObjectBytes: -1 }]],
    ['a text as limit', [{ ...grant, maxObjectBytes: '1e9' }]],
    ['no limit by null', [{ ...grant, maxObjectBytes: null }]],
    ['no types', [{ ...grant, contentTypes: [] }]],
    ['an unknown effect', [{ ...grant, effect: 'maybe' }]],
  ])('type confusion by %s of a token', async (_, grants) => {
    expect(await api.refusal('POST', '/v1/tokens', { grants })).toBe('400 invalid_request');
  });

  test('an object tells its caller nothing of what the service wrote beside it', async () => {
    await api.store('mine/seen', 'x', { metadata: { shown: 'yes' } });
    const answer = await api.call('GET', '/v1/objects/files/mine/seen');
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ metadata: { shown: 'yes' } });
    expect(`${text} ${JSON.stringify([...answer.headers])}`).not.toMatch(/stowage-|marker|lineage/i);
  });

  test('a caller is told of itself neither its lineage nor its credential', async () => {
    const holder = await api.delegate({ grants: [grant] });
    const text = await (await holder.call('GET', '/v1/me')).text();
    expect(text).not.toMatch(/lineage|tokenIds|sha256|issuedAt/);
    expect(text).not.toContain(holder.credential);
  });

  test('a signed address holds no credential of the caller, and no secret of storage', async () => {
    const { items } = await api.ask(downloadsAnswer, 'POST', '/v1/downloads', download);
    const text = JSON.stringify(items);
    expect(text).not.toContain(api.credential);
    expect(text).not.toContain('secret-of-the-tests');
  });

  describe('of API keys', () => {
    let keyId: string;
    beforeEach(({ skip }) => skip(!api.hasRecords, 'the database of records is absent'));
    beforeAll(async () => {
      if (!api.hasRecords) return;
      ({ keyId } = await api.ask(newKeyAnswer, 'POST', '/v1/keys', { name: 'kept', grants: [grant] }));
    });

    test.each<[field: string, value: unknown]>([
      ['keyId', 'AAAAAAAAAAAA'],
      ['sha256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      ['key', 'stow_mine'],
      ['createdBy', { kind: 'root', sub: 'root' }],
      ['createdAt', '1970-01-01T00:00:00Z'],
      ['enabled', true],
      ['previous', {}],
    ])('mass assignment of %s to a new one', async (field, value) => {
      const { errors } = await problemOf(
        await api.call('POST', '/v1/keys', { name: 'a', grants: [grant], [field]: value }),
      );
      expect(errors?.map(({ path }) => path)).toEqual([field]);
    });

    test.each<[field: string, value: unknown]>([
      ['grants', [{ bucket: '*', actions: ['admin'] }]],
      ['tenant', 'acme'],
      ['name', 'other'],
      ['expiresAt', '2099-01-01T00:00:00Z'],
      ['expiresInSeconds', 1],
      ['sha256', 'AAAA'],
    ])('mass assignment of %s to one that is there', async (field, value) => {
      const change = { enabled: true, [field]: value };
      const { errors } = await problemOf(await api.call('PATCH', `/v1/keys/${keyId}`, change));
      expect(errors?.map(({ path }) => path)).toEqual([field]);
    });

    test('neither a list nor a look shows a text, a hash, or what was before', async () => {
      const { keys } = await (await api.call('GET', '/v1/keys')).json();
      const shown = new Set(
        [...keys, await (await api.call('GET', `/v1/keys/${keyId}`)).json()].flatMap(Object.keys),
      );
      for (const hidden of ['key', 'sha256', 'previous', 'lineage']) expect(shown).not.toContain(hidden);
      expect(shown).toContain('keyId');
    });
  });
}
