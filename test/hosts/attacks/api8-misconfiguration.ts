import { expect, test } from 'vitest';
import type { Issuer } from '../../support/issuer.ts';
import { type Api, encodeKey, problemOf } from '../suite/host.ts';

export function misconfigurationAttacks(api: Api, issuer: () => Issuer): void {
  const headers = () => ({ authorization: `Bearer ${api.credential}` });
  const json = () => ({ ...headers(), 'content-type': 'application/json' });

  test.each([
    'null',
    'https://evil.example',
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://app.example.com@evil.example',
    'https://app.example.com:8443',
    'http://app.example.com',
    'https://APP.example.com',
    'https://app.example.com.',
    'https://app.example.com/',
    'https://app%2eexample.com',
    'https://app.example.com, https://evil.example',
    'https://sub.app.example.com',
    'file://',
    '*',
  ])('the origin "%s" is not one that may read answers', async (origin) => {
    for (const method of ['GET', 'OPTIONS']) {
      const { headers: answer } = await api.raw(method, '/v1/me', {
        ...headers(),
        origin,
        'access-control-request-method': 'GET',
      });
      expect(answer.get('access-control-allow-origin')).toBeNull();
      expect(answer.get('access-control-allow-credentials')).toBeNull();
    }
  });

  test('no origin may send cookies or certificates along', async () => {
    const origin = 'https://app.example.com';
    const { headers: answer } = await api.raw('GET', '/v1/me', { ...headers(), origin });
    expect(answer.get('access-control-allow-origin')).toBe(origin);
    expect(answer.get('access-control-allow-credentials')).toBeNull();
    expect(answer.get('vary')?.toLowerCase()).toContain('origin');
  });

  test.each([
    ['x-forwarded-host', 'evil.example'],
    ['x-forwarded-server', 'evil.example'],
    ['x-host', 'evil.example'],
    ['x-forwarded-proto', 'javascript'],
    ['x-forwarded-scheme', 'http'],
    ['x-forwarded-port', '1337'],
    ['x-forwarded-prefix', '/evil'],
    ['forwarded', 'host=evil.example;proto=http'],
    ['x-original-url', '/v1/keys'],
    ['x-rewrite-url', '/v1/keys'],
    ['x-original-uri', '/v1/keys'],
    ['x-amz-meta-evil', 'evil.example'],
    ['referer', 'https://evil.example/'],
  ])('cache poisoning: %s changes no answer', async (name, value) => {
    const answersTo = async (more: Record<string, string>) => {
      const content = await api.raw('GET', '/v1/content/files/poisoned', { ...headers(), ...more });
      const lost = await problemOf(await api.raw('GET', '/v1/nothing', { ...headers(), ...more }));
      const location = new URL(content.headers.get('location') ?? '');
      return [content.status, location.origin + location.pathname, lost.detail];
    };
    expect(await answersTo({ [name]: value })).toEqual(await answersTo({}));
  });

  test.each<[name: string, method: string, target: string, body?: string]>([
    ['a body that is no JSON', 'POST', '/v1/uploads', '{'],
    ['an unknown bucket', 'GET', '/v1/content/none/a'],
    ['an object that is not there', 'GET', '/v1/objects/files/not-there'],
    ['a version that is not there', 'GET', '/v1/objects/images/not-there?versionId=nope'],
    ['a cursor of the attacker', 'GET', '/v1/objects/files?cursor=ZXZpbA'],
    ['an upload id of the attacker', 'GET', '/v1/uploads/evil'],
    ['a route that is not there', 'GET', '/v1/nothing'],
    ['a method that is not there', 'PROPFIND', '/v1/me'],
    ['an address that is no UTF-8', 'GET', '/v1/objects/files/%FF'],
    ['an address that is no encoding', 'GET', '/v1/objects/files?prefix=%'],
    ['a NUL in the key', 'GET', '/v1/objects/files/a%00b'],
    ['a prototype as bucket', 'POST', '/v1/objects/__proto__/delete', '{"keys":["a"]}'],
    ['a lone surrogate', 'POST', '/v1/uploads', '{"bucket":"files","key":"\\ud800","sizeBytes":1}'],
    [
      'a lone surrogate in metadata',
      'POST',
      '/v1/uploads',
      '{"bucket":"files","key":"a","sizeBytes":1,"metadata":{"a":"\\ud800"}}',
    ],
  ])('%s makes the service tell nothing of its inside', async (_, method, target, body) => {
    const response = await api.raw(method, target, json(), body);
    const told = `${await response.clone().text()} ${JSON.stringify([...response.headers])}`;
    expect((await problemOf(response)).status).toBeLessThan(500);
    expect(told).not.toMatch(
      /\bat \S+ ?\(|node:|node_modules|\.ts\b|\.mjs\b|\/lib\/|sqlite|dynamodb|SELECT|127\.0\.0\.1|amazonaws|x-powered-by|"server"/i,
    );
    expect(told).not.toContain(api.credential);
  });

  test.each([
    ['a line end', 'a\r\nset-cookie: evil=1'],
    ['a line feed', 'a\nset-cookie: evil=1'],
    ['a carriage return', 'a\rset-cookie: evil=1'],
    ['a NUL', 'a\0b'],
    ['a vertical tab', 'a\u000bb'],
    ['NEL, a line end of the C1 controls', 'a\u0085b'],
  ])('response splitting by %s in a file name', async (_, filename) => {
    const items = [{ bucket: 'files', key: 'a', filename }];
    expect(await api.refusal('POST', '/v1/downloads', { items })).toBe('400 invalid_request');
    const target = `/v1/content/files/a?filename=${encodeURIComponent(filename)}`;
    expect(await api.refusal('GET', target)).toBe('400 invalid_request');
  });

  test.each<[name: string, change: object]>([
    ['metadata', { metadata: { a: 'a\r\nx-amz-acl: public-read' } }],
    ['the name of metadata', { metadata: { 'a: b\r\nx-amz-acl': 'public-read' } }],
    ['the media type', { contentType: 'text/html\r\nx-amz-acl: public-read' }],
    ['a tag', { tags: { a: 'b\r\nx-amz-acl: public-read' } }],
    ['the key', { key: 'a\r\nx-amz-acl: public-read' }],
    ['the checksum', { checksum: { algorithm: 'md5', value: 'AAAA\r\nx-amz-acl: public-read' } }],
    ['If-None-Match', { ifNoneMatch: '*\r\nx-amz-acl: public-read' }],
  ])('header injection by %s of an upload', async (_, change) => {
    const command = { bucket: 'files', key: 'a', sizeBytes: 1, ...change };
    expect(await api.refusal('POST', '/v1/uploads', command)).toBe('400 invalid_request');
  });

  test.each([
    ['quotes', 'a"; filename="evil.exe'],
    ['a backslash', 'a\\"; x="'],
    ['percent signs', 'a%22%0d%0a.exe'],
    ['an extended parameter', "a\"; filename*=UTF-8''evil.exe"],
  ])('a second parameter of Content-Disposition by %s in a file name', async (_, filename) => {
    const target = `/v1/content/files/a?filename=${encodeURIComponent(filename)}`;
    const response = await api.call('GET', target);
    if (response.status === 400) return;
    const value = new URL(response.headers.get('location') ?? '').searchParams.get(
      'response-content-disposition',
    );
    expect(value).toMatch(/^attachment; filename="[^"\\]*"(?:; filename\*=UTF-8''[\w!#$&+.^`|~%-]+)?$/);
  });

  test.each([
    ['a second entry of the log', '"},{"level":"error"'],
    ['an escape of the terminal', '\u001b[31m-0123456789'],
    ['markup', '<script>alert(1)</script>'],
  ])('log injection by %s in the request id', async (_, id) => {
    const sent = { ...headers(), 'x-request-id': id };
    const response = await api.raw('GET', '/v1/me', sent).catch(() => undefined);
    expect(response?.headers.get('x-request-id') ?? '0123-4567').toMatch(/^[\w-]{8,64}={0,2}$/);
  });

  test.each<[name: string, contentType: string, body: string | Uint8Array<ArrayBuffer>]>([
    [
      'UTF-16 with a mark',
      'application/json; charset=utf-16',
      new Uint8Array(Buffer.from('\ufeff{}', 'utf16le')),
    ],
    ['UTF-16', 'application/json; charset=utf-16le', new Uint8Array(Buffer.from('{"grants":[]}', 'utf16le'))],
    ['Latin-1', 'application/json; charset=latin1', new Uint8Array(Buffer.from('{"key":"ä"}', 'latin1'))],
    ['an overlong slash', 'application/json', new Uint8Array([0x22, 0xc0, 0xaf, 0x22])],
    ['a surrogate', 'application/json', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['half a character', 'application/json', new Uint8Array([0x22, 0xe2, 0x82, 0x22])],
    ['UTF-7', 'application/json; charset=utf-7', '+AHsAfQ-'],
    ['IBM500', 'application/json; charset=ibm500', new Uint8Array([0xc0, 0xd0])],
  ])('a body in %s is not taken for another', async (_, contentType, body) => {
    const response = await api.raw(
      'POST',
      '/v1/uploads',
      { ...headers(), 'content-type': contentType },
      body,
    );
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'invalid_json' });
  });

  test('a byte order mark does not hide a body from the schema', async () => {
    const body = '\ufeff{"grants":[],"evil":1}';
    const { errors } = await problemOf(await api.raw('POST', '/v1/tokens', json(), body));
    expect(errors?.map(({ path }) => path)).toContain('evil');
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
    'application/xml',
    'application/jsonx',
    'application/json-patch',
    'application/x-json',
    '',
  ])('a form of another site cannot send "%s" (CSRF without preflight)', async (contentType) => {
    const response = await api.raw('POST', '/v1/tokens', { ...headers(), 'content-type': contentType }, '{}');
    expect(await problemOf(response)).toMatchObject({ status: 415 });
  });

  test.each([
    ['a dot segment', '../acme/secret'],
    ['two', '../../files/acme/secret'],
    ['an encoded slash', '..%2Facme%2Fsecret'],
    ['encoded dots', '%2e%2e/acme/secret'],
    ['encoded dots and slashes', '%2E%2E%2Facme%2Fsecret'],
    ['one encoded dot', '.%2e/acme/secret'],
    ['double encoding', '%252e%252e%252facme%252fsecret'],
    ['a backslash', '..\\acme\\secret'],
    ['an encoded backslash', '..%5Cacme%5Csecret'],
    ['a path parameter', '..;/acme/secret'],
    ['four dots', '....//acme/secret'],
    ['overlong UTF-8', '%c0%ae%c0%ae/acme/secret'],
    ['overlong UTF-8 of three bytes', '%e0%80%ae%e0%80%ae/acme/secret'],
    ['a NUL', '..%00/acme/secret'],
    ['an encoded question mark', '..%3F/../acme/secret'],
    ['full-width dots', '%EF%BC%8E%EF%BC%8E/acme/secret'],
    ['a one-dot leader', '%E2%80%A4%E2%80%A4/acme/secret'],
    ['a division slash', '..%E2%88%95acme%E2%88%95secret'],
    ['a soft hyphen in between', '.%C2%AD./acme/secret'],
    ['an empty segment', '/acme/secret'],
    ['a dot alone', './../acme/secret'],
  ])('path traversal by %s leads out of no prefix', async (_, payload) => {
    const attacker = await api.delegate({
      grants: [{ bucket: 'files', prefix: 'evil/', actions: ['read', 'delete'] }],
    });
    for (const route of ['content', 'objects', '%76ersions']) {
      const response = await attacker.call('GET', `/v1/${route}/files/evil/${payload}`);
      expect([302, 400, 403, 404]).toContain(response.status);
      if (response.status !== 302) continue;
      const { pathname } = new URL(response.headers.get('location') ?? '');
      expect(decodeURIComponent(pathname)).toMatch(/^\/files\/evil\//);
      expect(pathname.split('/')).not.toContain('..');
    }
    expect((await attacker.call('DELETE', `/v1/objects/files/evil/${payload}`)).status).not.toBe(200);
  });

  test.each(['..', '.', 'a/../b', 'a/./b', '../a', 'a/..', './a', 'a/.'])(
    'path traversal by the key "%s" in a body',
    async (key) => {
      const command = { bucket: 'files', key, sizeBytes: 1 };
      expect(await api.refusal('POST', '/v1/uploads', command)).toBe('400 invalid_request');
      const items = [{ bucket: 'files', key }];
      expect(await api.refusal('POST', '/v1/downloads', { items })).toBe('400 invalid_request');
      const response = await api.call('POST', '/v1/objects/files/delete', { keys: [key] });
      expect(await response.json()).toMatchObject({ results: [{ error: { code: 'invalid_object_key' } }] });
    },
  );

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '\\\\evil.example\\',
    '@evil.example/',
    '.evil.example/',
    'javascript:alert(1)',
    '%0d%0alocation: https://evil.example/',
    '?@evil.example/',
    '#@evil.example/',
  ])('an open redirect by the key "%s"', async (key) => {
    const response = await api.call('GET', `/v1/content/files/${encodeKey(key)}`);
    const own = new URL((await api.call('GET', '/v1/content/files/a')).headers.get('location') ?? '');
    if (response.status === 400 || response.status === 404) return;
    const { origin, username, pathname } = new URL(response.headers.get('location') ?? '');
    expect([response.status, origin, username]).toEqual([302, own.origin, '']);
    expect(pathname.startsWith('/files/')).toBe(true);
  });

  test('markup in an address is no document', async () => {
    const response = await api.raw('GET', '/%3Cscript%3Ealert(1)%3C%2Fscript%3E');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('health tells the anonymous neither addresses nor versions', async () => {
    const text = await (await api.raw('GET', '/health/ready')).text();
    expect(text).not.toMatch(/127\.0\.0\.1|http|amazonaws|version|node/i);
    expect(text).not.toContain(new URL(issuer().address).port);
  });
}
