import { beforeAll, describe, expect, test } from 'vitest';
import { newKeyAnswer } from '../../../lib/keys/schema.ts';
import type { Api } from '../suite/host.ts';

/** Does anybody turn what the service is for against it: hand on more than they hold, or write what they did not announce? */
export function flowAttacks(api: Api): void {
  const held = {
    bucket: 'files',
    prefix: 'mine/',
    actions: ['read', 'write'],
    maxObjectBytes: 100,
    contentTypes: ['image/*'],
  };

  describe('delegation', () => {
    let holder: Api;
    beforeAll(async () => {
      holder = await api.delegate({ grants: [held], sub: 'ann', tenant: 'acme' });
    });

    const escalations: readonly [name: string, command: object][] = [
      ['another bucket', { grants: [{ ...held, bucket: 'images' }] }],
      ['every bucket', { grants: [{ ...held, bucket: '*' }] }],
      ['the whole bucket', { grants: [{ ...held, prefix: '' }] }],
      ['the prefix without its slash', { grants: [{ ...held, prefix: 'mine' }] }],
      ['a prefix that leads out', { grants: [{ ...held, prefix: '../mine/' }] }],
      ['a prefix in another case', { grants: [{ ...held, prefix: 'Mine/' }] }],
      ['one action more', { grants: [{ ...held, actions: ['read', 'write', 'delete'] }] }],
      ['admin', { grants: [{ ...held, actions: ['admin'] }] }],
      ['a larger size', { grants: [{ ...held, maxObjectBytes: 101 }] }],
      ['no limit of size', { grants: [{ ...held, maxObjectBytes: undefined }] }],
      ['one type more', { grants: [{ ...held, contentTypes: ['image/*', 'text/html'] }] }],
      ['all types', { grants: [{ ...held, contentTypes: ['*/*'] }] }],
      ['no limit of types', { grants: [{ ...held, contentTypes: undefined }] }],
      ['a good grant before a bad one', { grants: [held, { ...held, prefix: 'other/' }] }],
      ['another name', { grants: [held], sub: 'bob' }],
      ['the name of root', { grants: [held], sub: 'root' }],
      ['another tenant', { grants: [held], tenant: 'evil' }],
      ['a template that is filled in elsewhere', { grants: [{ ...held, prefix: '${tenant}/' }] }],
      ['a template of its name', { grants: [{ ...held, prefix: '${sub}/' }] }],
    ];

    test.each(escalations)('of %s is refused', async (_, command) => {
      expect(await holder.refusal('POST', '/v1/tokens', command)).toBe('403 grant_exceeds_caller');
    });

    test.each([
      ['an unknown name', '${admin}/'],
      ['a prototype', '${__proto__}/'],
      ['a constructor', '${constructor}/'],
    ])('of a template of %s is refused', async (_, prefix) => {
      const grants = [{ ...held, prefix }];
      expect(await api.refusal('POST', '/v1/tokens', { grants, sub: 'ann' })).toBe('400 invalid_request');
    });

    test.each(['a/b', '..', '.', '', 'a\0', 'a\n', 'x'.repeat(129), '\u202eann', '\ud800'])(
      'in the name %j is refused',
      async (sub) => {
        expect(await api.refusal('POST', '/v1/tokens', { grants: [held], sub })).toBe('400 invalid_request');
        const tenant = sub;
        expect(await api.refusal('POST', '/v1/tokens', { grants: [held], tenant })).toBe(
          '400 invalid_request',
        );
      },
    );

    test.each(['${tenant}', '${sub}', '$', '${', '$&', '$1', "$'", '%2F', '*', '__proto__'])(
      'in the name %j stays within the folder of that name',
      async (sub) => {
        const grants = [{ ...held, prefix: 'users/${sub}/' }];
        const named = await api.delegate({ grants, sub, tenant: 'acme' });
        const below = async (folder: string) => {
          const items = [{ bucket: 'files', key: `users/${folder}/a` }];
          return (await named.call('POST', '/v1/downloads', { items })).text();
        };
        expect(await below(sub)).toContain('"url"');
        for (const folder of ['acme', 'ann', '']) expect(await below(folder)).toContain('access_denied');
        const again = await named.call('POST', '/v1/tokens', { grants });
        if (again.status === 201) expect(await again.text()).toContain(JSON.stringify(`users/${sub}/`));
      },
    );

    test('through a key is refused like any other', async ({ skip }) => {
      skip(!api.hasRecords, 'the database of records is absent');
      const command = { name: 'a server', tenant: 'acme', grants: [held] };
      const { key } = await api.ask(newKeyAnswer, 'POST', '/v1/keys', command);
      const server = api.as(key);
      for (const [name, { grants }] of escalations as [string, { grants: object[] }][]) {
        if (name.includes('name') || name.includes('tenant')) continue;
        expect(await server.refusal('POST', '/v1/tokens', { grants, sub: 'ann' }), name).toBe(
          '403 grant_exceeds_caller',
        );
      }
      expect(await server.refusal('POST', '/v1/tokens', { grants: [held], tenant: 'evil' })).toBe(
        '403 grant_exceeds_caller',
      );
      expect(await server.refusal('POST', '/v1/keys', command)).toBe('403 access_denied');
    });
  });

  describe('an upload', () => {
    const put = async (url: string, headers: Record<string, string>, body: string) =>
      (await fetch(url, { method: 'PUT', headers, body })).status;
    const announce = async (key: string, more: object = {}) => {
      const upload = await api.begin({ key, sizeBytes: 5, contentType: 'image/png', method: 'put', ...more });
      if (upload.method !== 'put') throw new Error(upload.method);
      return upload;
    };
    const isThere = async (key: string) => (await api.call('GET', `/v1/objects/files/${key}`)).status === 200;

    test.each<[name: string, headers: Record<string, string>, body: string]>([
      ['more bytes', { 'content-length': '6' }, 'hello!'],
      ['fewer bytes', { 'content-length': '4' }, 'hell'],
      ['another type', { 'content-type': 'text/html' }, 'hello'],
      ['another marker', { 'x-amz-meta-stowage-upload': 'evil' }, 'hello'],
      ['the tenant of another', { 'x-amz-meta-stowage-tenant': 'acme' }, 'hello'],
      ['metadata', { 'x-amz-meta-evil': 'yes' }, 'hello'],
      ['an access control list', { 'x-amz-acl': 'public-read' }, 'hello'],
      [
        'a grant to everybody',
        { 'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' },
        'hello',
      ],
      ['tags', { 'x-amz-tagging': 'a=b' }, 'hello'],
      ['a storage class', { 'x-amz-storage-class': 'GLACIER' }, 'hello'],
      ['a lock', { 'x-amz-object-lock-mode': 'COMPLIANCE' }, 'hello'],
      ['a redirect of a website', { 'x-amz-website-redirect-location': 'https://evil.example' }, 'hello'],
      ['a source to copy', { 'x-amz-copy-source': '/files/acme/ann/secret' }, 'hello'],
      ['a body in chunks', { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }, 'hello'],
      ['another checksum', { 'x-amz-checksum-crc32': 'AAAAAA==' }, 'hello'],
    ])('does not take %s than announced', async (_, change, body) => {
      const { put: address, uploadId } = await announce('flow/altered');
      const status = await put(address.url, { ...address.headers, ...change }, body);
      expect(status).toBe(403);
      expect(await api.refusal('POST', `/v1/uploads/${uploadId}/complete`)).toBe('409 upload_incomplete');
      expect(await isThere('flow/altered')).toBe(false);
    });

    test.each<[name: string, change: (url: URL) => void]>([
      ['its key', (url) => (url.pathname = '/files/flow/other')],
      ['its bucket', (url) => (url.pathname = url.pathname.replace('/files/', '/images/'))],
      ['its key by a dot segment', (url) => (url.pathname = '/files/flow/%2e%2e/other')],
      ['its end', (url) => url.searchParams.set('X-Amz-Expires', '604800')],
      ['its beginning', (url) => url.searchParams.set('X-Amz-Date', '20990101T000000Z')],
      [
        'its credential',
        (url) => url.searchParams.set('X-Amz-Credential', 'evil/20260101/us-east-1/s3/aws4_request'),
      ],
      ['its region', (url) => replaceIn(url, 'X-Amz-Credential', 'us-east-1', 'eu-west-1')],
      ['its headers', (url) => url.searchParams.set('X-Amz-SignedHeaders', 'host')],
      ['its algorithm', (url) => url.searchParams.set('X-Amz-Algorithm', 'AWS4-HMAC-SHA1')],
      ['its hash', (url) => url.searchParams.set('X-Amz-Content-Sha256', 'e'.repeat(64))],
      ['its signature', (url) => url.searchParams.set('X-Amz-Signature', '0'.repeat(64))],
      ['no signature', (url) => url.searchParams.delete('X-Amz-Signature')],
      ['the signature twice', (url) => url.searchParams.append('X-Amz-Signature', '0'.repeat(64))],
      ['its operation', (url) => url.searchParams.set('x-id', 'DeleteObject')],
      ['an access control list', (url) => url.searchParams.set('acl', '')],
      ['a part', (url) => url.searchParams.set('partNumber', '1')],
      ['a header in the query', (url) => url.searchParams.set('x-amz-acl', 'public-read')],
      ['a version', (url) => url.searchParams.set('versionId', 'null')],
    ])('has an address that is worth nothing with another: %s', async (_, change) => {
      const { put: address } = await announce('flow/address');
      const url = new URL(address.url);
      change(url);
      expect([400, 403]).toContain(await put(url.href, address.headers, 'hello'));
      expect(await isThere('flow/address')).toBe(false);
      expect(await isThere('flow/other')).toBe(false);
    });

    test.each(['GET', 'HEAD', 'DELETE', 'POST'])(
      'has an address that is worth nothing for %s',
      async (method) => {
        await api.store('flow/kept', 'kept');
        const { put: address } = await announce('flow/kept');
        const { status } = await fetch(address.url, { method });
        expect([400, 403, 405]).toContain(status);
        expect(await isThere('flow/kept')).toBe(true);
      },
    );

    test('of one key completes no other that stands there', async () => {
      await api.store('flow/foreign', 'hello', { contentType: 'image/png' });
      const { uploadId } = await announce('flow/foreign');
      expect(await api.refusal('POST', `/v1/uploads/${uploadId}/complete`)).toBe('409 upload_incomplete');
    });

    test('with If-None-Match cannot be replayed over its own object', async () => {
      const { put: address, uploadId } = await announce('flow/once', { ifNoneMatch: '*' });
      expect(await put(address.url, address.headers, 'hello')).toBe(200);
      expect((await api.call('POST', `/v1/uploads/${uploadId}/complete`)).status).toBe(200);
      expect(await put(address.url, address.headers, 'evil!')).toBe(412);
      const { 'if-none-match': _, ...rest } = address.headers;
      expect(await put(address.url, rest, 'evil!')).toBe(403);
    });

    test('with a checksum cannot be replayed with other bytes', async () => {
      const value = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from('hello'))).toString(
        'base64',
      );
      const { put: address } = await announce('flow/sum', { checksum: { algorithm: 'sha256', value } });
      expect(await put(address.url, address.headers, 'hello')).toBe(200);
      expect(await put(address.url, address.headers, 'evil!')).toBe(400);
    });

    test('that was aborted takes no part any more', async () => {
      const upload = await api.begin({ key: 'flow/aborted', sizeBytes: 5, method: 'multipart' });
      if (upload.method !== 'multipart') throw new Error(upload.method);
      const [part] = upload.multipart.parts;
      expect((await api.call('DELETE', `/v1/uploads/${upload.uploadId}`)).status).toBe(204);
      expect(await put(part?.url ?? '', { ...part?.headers }, 'hello')).toBe(404);
      expect(await api.refusal('POST', `/v1/uploads/${upload.uploadId}/complete`)).toBe('409 upload_aborted');
    });

    test.each([
      ['that were made up', [{ partNumber: 1, etag: 'ffffffffffffffffffffffffffffffff' }]],
      ['of other numbers', [{ partNumber: 2, etag: 'ffffffffffffffffffffffffffffffff' }]],
      ['twice', [1, 1].map((partNumber) => ({ partNumber, etag: 'ffffffffffffffffffffffffffffffff' }))],
    ])('is not completed by parts %s', async (_, parts) => {
      const { uploadId } = await api.begin({ key: 'flow/parts', sizeBytes: 5, method: 'multipart' });
      const target = `/v1/uploads/${uploadId}`;
      expect(await api.refusal('POST', `${target}/complete`, { parts })).toBe('409 upload_incomplete');
      expect((await api.call('DELETE', target)).status).toBe(204);
      expect(await isThere('flow/parts')).toBe(false);
    });

    test.each(['</ETag><PartNumber>2', '"; evil', 'a b', 'ä', '', '&quot;', '<!DOCTYPE x>'])(
      'is not completed by a part with the ETag %j (XML injection)',
      async (etag) => {
        const { uploadId } = await api.begin({ key: 'flow/xml', sizeBytes: 5, method: 'multipart' });
        const target = `/v1/uploads/${uploadId}`;
        const parts = [{ partNumber: 1, etag }];
        expect(await api.refusal('POST', `${target}/complete`, { parts })).toBe('400 invalid_request');
        expect((await api.call('DELETE', target)).status).toBe(204);
      },
    );
  });

  describe('a form', () => {
    const begin = async () => {
      const upload = await api.begin({
        key: 'flow/form',
        sizeBytes: 5,
        contentType: 'image/png',
        method: 'form',
      });
      if (upload.method !== 'form') throw new Error(upload.method);
      return upload.form;
    };
    const post = async (url: string, fields: Record<string, string>, file = 'hello') => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append('file', new Blob([file]), 'evil.html');
      return (await fetch(url, { method: 'POST', body: form, redirect: 'manual' })).status;
    };

    test.each<[name: string, change: Record<string, string>, file?: string]>([
      ['another key', { key: 'flow/other' }],
      ['a key of the file name', { key: 'flow/${filename}' }],
      ['another type', { 'Content-Type': 'text/html' }],
      ['more bytes', {}, 'hello!'],
      ['fewer bytes', {}, 'hell'],
      ['metadata', { 'x-amz-meta-evil': 'yes' }],
      ['the tenant of another', { 'x-amz-meta-stowage-tenant': 'acme' }],
      ['another marker', { 'x-amz-meta-stowage-upload': 'evil' }],
      ['a redirect', { success_action_redirect: 'https://evil.example' }],
      ['another status', { success_action_status: '200' }],
      ['an access control list', { acl: 'public-read' }],
      ['tags', { tagging: '<Tagging><TagSet/></Tagging>' }],
      ['a file name for downloads', { 'Content-Disposition': 'inline' }],
      ['a storage class', { 'x-amz-storage-class': 'GLACIER' }],
      ['another policy', { Policy: btoa('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}') }],
      ['another date', { 'X-Amz-Date': '20990101T000000Z' }],
      ['another signature', { 'X-Amz-Signature': '0'.repeat(64) }],
    ])('does not take %s than announced', async (_, change, file) => {
      const { url, fields } = await begin();
      const names = Object.keys(fields);
      const renamed = Object.entries(change).map(([name, value]) => [
        names.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name,
        value,
      ]);
      expect([400, 403]).toContain(await post(url, { ...fields, ...Object.fromEntries(renamed) }, file));
      expect((await api.call('GET', '/v1/objects/files/flow/form')).status).toBe(404);
    });

    test('is worth nothing for another bucket', async () => {
      const { url, fields } = await begin();
      expect(await post(url.replace('/files', '/images'), fields)).toBe(403);
      await post(url, { ...fields, bucket: 'images' });
      expect((await api.call('GET', '/v1/objects/images/flow/form')).status).toBe(404);
    });
  });
}

function replaceIn(url: URL, name: string, from: string, to: string): void {
  url.searchParams.set(name, (url.searchParams.get(name) ?? '').replace(from, to));
}
