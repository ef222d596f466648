import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { customEndpoint, targetOf } from '../../lib/storage/endpoint.ts';
import { presignPost } from '../../lib/storage/post-policy.ts';
import { signedHeaders } from '../../lib/storage/sign-request.ts';
import { chunkedPut } from './acceptance/chunked-body.ts';
import { useTarget } from './acceptance/target.ts';
import { presigned, send, sendRaw, signingContext, type WireAnswer } from './acceptance/wire.ts';
import { startStore } from './server.ts';

/** What an attacker tries who has a signed address, or only the address of the store. None of it may succeed. */
describe('the embedded store under attack', () => {
  const target = useTarget(startStore);
  const secret = 'secret';
  const put = (key: string, Body: string) =>
    target().s3.putObject({ Bucket: target().bucket, Key: key, Body });
  const isThere = async (key: string) =>
    (await send(presigned(target(), key, { method: 'HEAD' }), { method: 'HEAD' })).status === 200;

  /** A request signed in its header, for the bucket or a key of it. */
  function signed(method: string, key: string | undefined, query: string, body = '', more: object = {}) {
    const { endpoint, bucket } = target();
    const address = targetOf(customEndpoint(endpoint), bucket, key);
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const headers = signedHeaders(
      { method, target: address, query, headers: { ...length, ...more }, body },
      { ...signingContext(target()), service: 's3' },
    );
    return {
      url: `${address.origin}${address.path}${query && `?${query}`}`,
      method,
      headers,
      body: [Buffer.from(body)],
    };
  }

  describe('by XML', () => {
    const operations: readonly [name: string, method: string, key: string | undefined, query: string][] = [
      ['deletion of many', 'POST', undefined, 'delete='],
      ['completion', 'POST', 'k', 'uploadId=AAAA'],
      ['tags', 'PUT', 'k', 'tagging='],
      ['versioning', 'PUT', undefined, 'versioning='],
      ['cross-origin rules', 'PUT', undefined, 'cors='],
    ];
    const documents: readonly [name: string, text: string][] = [
      [
        'a billion laughs',
        `<!DOCTYPE x [<!ENTITY a "ha">${Array.from({ length: 9 }, (_, index) => `<!ENTITY b${index} "${`&${index ? `b${index - 1}` : 'a'};`.repeat(10)}">`).join('')}]><Delete>&b8;</Delete>`,
      ],
      [
        'an external entity',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&e;</Key></Object></Delete>',
      ],
      ['an external document type', '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/evil.dtd"><Delete/>'],
      ['a parameter entity', '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]><Delete/>'],
      ['an unknown entity', '<Delete>&nbsp;</Delete>'],
      ['100,000 elements in each other', '<a>'.repeat(1e5) + '</a>'.repeat(1e5)],
      ['100,000 elements never closed', '<a>'.repeat(1e5)],
      [
        'a hundred thousand attributes',
        `<Delete ${Array.from({ length: 1e5 }, (_, index) => `a${index}=""`).join(' ')}/>`,
      ],
      ['another root', '<html><script>alert(1)</script></html>'],
      ['no root', '<?xml version="1.0"?>'],
      ['two roots', '<Delete/><Delete/>'],
      ['a NUL', '<Delete>\0</Delete>'],
      ['another encoding', '<?xml version="1.0" encoding="UTF-7"?>+ADw-Delete/+AD4-'],
      ['no XML', '{"Delete":{}}'],
    ];

    test.each(
      operations.flatMap(([operation, ...how]) =>
        documents.map(([name, text]) => [operation, name, text, how] as const),
      ),
    )('%s with %s', async (_, __, text, [method, key, query]) => {
      const md5 = createHash('md5').update(text).digest('base64');
      const answer = await sendRaw(...requestOf(signed(method, key, query, text, { 'content-md5': md5 })));
      expect([400, 404]).toContain(answer.status);
      expect(answer.body).not.toContain('root:');
      expect(answer.body.length).toBeLessThan(4096);
    });
  });

  describe('by chunks', () => {
    const chunks = ['first', 'second', 'third'].map((text) => Buffer.from(text.padEnd(8192, '.')));
    const trailer = ['x-amz-checksum-crc32', 'AAAAAA=='] as const;
    /** The frames of a signed body: one for each chunk, and the last. */
    const framesOf = (body: Buffer) => body.toString('latin1').split(/(?=^[\da-f]+;chunk-signature=)/m);

    test.each<[name: string, alter: (frames: string[], other: string[]) => string[]]>([
      ['two swapped', ([a = '', b = '', ...rest]) => [b, a, ...rest]],
      ['one left out', ([a = '', , ...rest]) => [a, ...rest]],
      ['one sent twice', ([a = '', ...rest]) => [a, a, ...rest]],
      ['one of another upload', ([a = '', , ...rest], [, other = '']) => [a, other, ...rest]],
      ['the last one left out', (frames) => frames.slice(0, -1)],
      ['the last one first', (frames) => [frames.at(-1) ?? '', ...frames]],
      ['more behind the last one', (frames) => [...frames, 'evil']],
      ['no signature', (frames) => frames.map((frame) => frame.replace(/;chunk-signature=[\da-f]+/, ''))],
      [
        'one signature for all',
        (frames) => {
          const [, first = ''] = /chunk-signature=([\da-f]+)/.exec(frames[0] ?? '') ?? [];
          return frames.map((frame) => frame.replace(/chunk-signature=[\da-f]+/, `chunk-signature=${first}`));
        },
      ],
      ['a size in another notation', ([a = '', ...rest]) => [a.replace(/^2000/, '0x2000'), ...rest]],
      ['another extension', ([a = '', ...rest]) => [a.replace('\r\n', ';evil=yes\r\n'), ...rest]],
    ])('with %s', async (_, alter) => {
      const one = chunkedPut(target(), 'chunked', chunks, { signed: true });
      const other = chunkedPut(target(), 'other', chunks, { signed: true });
      const body = Buffer.from(alter(framesOf(one.body), framesOf(other.body)).join(''), 'latin1');
      const headers = { ...one.headers, 'content-length': String(body.length) };
      const answer = await sendRaw(one.url, { method: 'PUT', headers, body: [body] });
      expect([400, 403]).toContain(answer.status);
      expect(await isThere('chunked')).toBe(false);
    });

    test.each<[name: string, alter: (text: string) => string]>([
      ['left out', (text) => text.replace(/x-amz-checksum[^]*$/, '\r\n')],
      ['without its signature', (text) => text.replace(/x-amz-trailer-signature:[^\r]*\r\n/, '')],
      ['of another value', (text) => text.replace('AAAAAA==', 'BBBBBB==')],
      ['of another header', (text) => text.replace('x-amz-checksum-crc32:', 'x-amz-meta-evil:')],
      [
        'and one more',
        (text) => text.replace('x-amz-trailer-signature', 'x-amz-meta-evil:yes\r\nx-amz-trailer-signature'),
      ],
    ])('with the trailer %s', async (_, alter) => {
      const one = chunkedPut(target(), 'trailed', chunks, { signed: true, trailer });
      const body = Buffer.from(alter(one.body.toString('latin1')), 'latin1');
      const headers = { ...one.headers, 'content-length': String(body.length) };
      const answer = await sendRaw(one.url, { method: 'PUT', headers, body: [body] });
      expect([400, 403]).toContain(answer.status);
      expect(await isThere('trailed')).toBe(false);
    });
  });

  describe('by authentication', () => {
    test.each<[name: string, authorization: (right: string) => string]>([
      ['an empty header', () => ''],
      ['another scheme', (right) => right.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1')],
      ['signature version 2', () => `AWS ${target().credentials.accessKeyId}:AAAAAAAAAAAAAAAAAAAAAAAAAAA=`],
      ['no signed headers', (right) => right.replace(/SignedHeaders=[^,]+/, 'SignedHeaders=')],
      ['the host unsigned', (right) => right.replace('host;', '')],
      ['a header more that is signed', (right) => right.replace('host;', 'host;x-evil;')],
      ['another access key', (right) => right.replace(target().credentials.accessKeyId, 'EVIL')],
      ['another region', (right) => right.replace('us-east-1', 'eu-west-1')],
      ['another service', (right) => right.replace('/s3/', '/iam/')],
      ['another day', (right) => right.replace(/\/\d{8}\//, '/20200101/')],
      ['the signature cut', (right) => right.slice(0, -1)],
      [
        'the signature in capitals',
        (right) => right.replace(/Signature=.*$/, (text) => `Signature=${text.slice(10).toUpperCase()}`),
      ],
      [
        'two signatures',
        (right) =>
          right
            .replace('Signature=', `Signature=${'0'.repeat(64)}, Signature=`)
            .replace(/([\da-f]{63})[\da-f]$/, '$1'),
      ],
      ['the path of another', (right) => `${right}/../secret`],
    ])('with %s in the header', async (_, authorization) => {
      await put(secret, 'hidden');
      const { url, method, headers } = signed('GET', secret, '');
      const altered = { ...headers, authorization: authorization(headers['authorization'] ?? '') };
      const answer = await sendRaw(url, { method, headers: altered });
      expect([400, 403]).toContain(answer.status);
      expect(answer.body).not.toContain('hidden');
    });

    test.each([
      ['in the header and in the query', (url: string) => url],
      [
        'of version 2 in the query',
        (url: string) => `${url.split('?')[0]}?AWSAccessKeyId=STOWAGETEST&Expires=9999999999&Signature=AAAA`,
      ],
    ])('with signatures %s', async (_, urlOf) => {
      await put(secret, 'hidden');
      const { headers } = signed('GET', secret, '');
      const url = urlOf(presigned(target(), secret, { method: 'GET' }));
      const more = url.includes('AWSAccessKeyId') ? {} : { authorization: headers['authorization'] ?? '' };
      expect([400, 403]).toContain((await sendRaw(url, { method: 'GET', headers: more })).status);
    });

    test.each(['-1', '0.5', '1e3', '+60', ' 60', '60 ', '0x3c', '', '604801', '99999999999999999999'])(
      'with the lifetime "%s"',
      async (expires) => {
        const url = new URL(presigned(target(), secret, { method: 'GET' }));
        url.searchParams.set('X-Amz-Expires', expires);
        expect([400, 403]).toContain((await send(url.href)).status);
      },
    );

    test.each([
      ['response-content-type', 'text/html'],
      ['response-content-disposition', 'inline'],
      ['response-cache-control', 'public'],
      ['response-content-encoding', 'gzip'],
      ['versionId', 'null'],
      ['acl', ''],
      ['tagging', ''],
      ['partNumber', '1'],
      ['uploadId', 'AAAA'],
      ['attributes', ''],
      ['x-amz-acl', 'public-read'],
      ['X-Amz-Security-Token', 'evil'],
    ])('with the unsigned parameter %s', async (name, value) => {
      await put(secret, 'hidden');
      const url = presigned(target(), secret, { method: 'GET' });
      const answer = await send(`${url}&${name}=${encodeURIComponent(value)}`);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      const anonymous = await send(`${url.split('?')[0]}?${name}=${encodeURIComponent(value)}`);
      expect(anonymous.status).toBeGreaterThanOrEqual(400);
      expect(`${answer.body}${anonymous.body}`).not.toContain('hidden');
    });
  });

  describe('by path', () => {
    test.each<[name: string, targetFor: (bucket: string) => string]>([
      ['a dot segment', (bucket) => `/${bucket}/public/../secret`],
      ['an encoded dot segment', (bucket) => `/${bucket}/public/%2e%2e/secret`],
      ['a slash more', (bucket) => `//${bucket}/secret`],
      ['a slash more before the key', (bucket) => `/${bucket}//secret`],
      ['an encoded slash after the bucket', (bucket) => `/${bucket}%2Fsecret`],
      ['double encoding', (bucket) => `/${bucket}/%2573ecret`],
      ['a backslash', (bucket) => `/${bucket}\\secret`],
      ['a NUL behind the key', (bucket) => `/${bucket}/secret%00`],
      ['an address in full', (bucket) => `http://evil.example/${bucket}/secret`],
      [
        'an address in full of two hosts',
        (bucket) => `http://evil.example/http://evil.example/${bucket}/secret`,
      ],
      ['the bucket in another case', (bucket) => `/${bucket.toUpperCase()}/secret`],
      ['a path parameter', (bucket) => `/${bucket}/public;/../secret`],
      ['overlong UTF-8', (bucket) => `/${bucket}/%c1%b3ecret`],
    ])('the address of one object does not lead to another by %s', async (_, targetFor) => {
      await put(secret, 'hidden');
      await put('public', 'shown');
      const { pathname, search } = new URL(presigned(target(), 'public', { method: 'GET' }));
      const answer = await rawGet(target().endpoint, targetFor(target().bucket) + search);
      expect(answer.body).not.toContain('hidden');
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect((await rawGet(target().endpoint, pathname + search)).body).toBe('shown');
    });

    test.each([
      '..',
      '.',
      'A',
      'UPPER',
      '-evil',
      'evil-',
      'a..b',
      '.evil',
      '192.168.0.1',
      'e'.repeat(64),
      'e',
      'a_b',
      'a%00b',
      'a b',
      'ä',
    ])('the bucket "%s" cannot be made', async (name) => {
      const { endpoint } = target();
      const path = name.includes('%') ? `/${name}` : `/${encodeURIComponent(name)}`;
      const origin = new URL(endpoint);
      const headers = signedHeaders(
        {
          method: 'PUT',
          target: { origin: endpoint, host: origin.host, path },
          query: '',
          headers: { 'content-length': '0' },
          body: '',
        },
        { ...signingContext(target()), service: 's3' },
      );
      const answer = await rawGet(endpoint, path, 'PUT', headers);
      expect([400, 403, 405]).toContain(answer.status);
    });
  });

  describe('by form', () => {
    const form = (key: string, fields: Record<string, string> = {}) => {
      const { endpoint, bucket } = target();
      const address = targetOf(customEndpoint(endpoint), bucket);
      return presignPost(
        address,
        { bucket, key },
        fields,
        [['content-length-range', 0, 5]],
        signingContext(target()),
      );
    };
    const post = (url: string, fields: readonly (readonly [string, string])[], files = 1) => {
      const data = new FormData();
      for (const [name, value] of fields) data.append(name, value);
      for (let index = 0; index < files; index += 1) data.append('file', new Blob(['hello']), '../../evil');
      return send(url, { method: 'POST', body: data });
    };

    test.each<[name: string, alter: (fields: [string, string][]) => [string, string][]]>([
      ['a second key behind the first', (fields) => [...fields, ['key', 'evil']]],
      ['a second key before the first', (fields) => [['key', 'evil'], ...fields]],
      ['the key under another case', (fields) => [...fields, ['KEY', 'evil']]],
      ['the file name in the key', (fields) => replaced(fields, 'key', '${filename}')],
      ['another bucket', (fields) => [...fields, ['bucket', 'evil']]],
      ['no policy', (fields) => fields.filter(([name]) => name !== 'Policy')],
      ['an empty policy', (fields) => replaced(fields, 'Policy', '')],
      ['a policy that is no JSON', (fields) => replaced(fields, 'Policy', 'AAAA')],
      [
        'the policy twice',
        (fields) => [...fields, ['Policy', btoa('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}')]],
      ],
      [
        'a policy with a space',
        (fields) => fields.map(([name, value]) => [name, name === 'Policy' ? ` ${value}` : value]),
      ],
      [
        'the signature of an address',
        (fields) => {
          const url = new URL(presigned(target(), 'form', { method: 'PUT' }));
          return replaced(fields, 'X-Amz-Signature', url.searchParams.get('X-Amz-Signature') ?? '');
        },
      ],
      ['no algorithm', (fields) => fields.filter(([name]) => name !== 'X-Amz-Algorithm')],
      ['a redirect', (fields) => [...fields, ['success_action_redirect', 'https://evil.example']]],
      ['an unsigned type', (fields) => [...fields, ['Content-Type', 'text/html']]],
      ['unsigned metadata', (fields) => [...fields, ['x-amz-meta-evil', 'yes']]],
      ['an unsigned list of access', (fields) => [...fields, ['acl', 'public-read']]],
      ['20,001 bytes of fields', (fields) => [...fields, ['x-ignore-evil', 'e'.repeat(20_001)]]],
    ])('%s writes nothing that was not signed', async (_, alter) => {
      const { url, fields } = form('form');
      await post(url, alter(Object.entries(fields)));
      for (const key of ['evil', '../../evil', '${filename}']) expect(await isThere(key)).toBe(false);
      const head = await send(presigned(target(), 'form', { method: 'HEAD' }), { method: 'HEAD' });
      expect(head.headers.get('content-type') ?? '').not.toBe('text/html');
      expect(head.headers.get('x-amz-meta-evil')).toBeNull();
    });
  });

  describe('by size', () => {
    test.each<[name: string, headers: Record<string, string>, status: number]>([
      ['a header of 40,000 bytes', { 'x-evil': 'e'.repeat(40_000) }, 431],
      ['2,049 bytes of metadata', { 'x-amz-meta-evil': 'e'.repeat(2049) }, 400],
    ])('%s', async (_, more, status) => {
      const request = signed('PUT', 'large', '', 'x', more);
      expect((await sendRaw(...requestOf(request))).status).toBe(status);
      expect(await isThere('large')).toBe(false);
    });

    test('a key of 1,025 bytes', async () => {
      const request = signed('PUT', 'k'.repeat(1025), '', 'x');
      expect(await sendRaw(...requestOf(request))).toMatchObject({ status: 400, code: 'KeyTooLongError' });
    });

    test('a document of more than 2 MiB', async () => {
      const request = signed('POST', undefined, 'delete=', '<Delete>'.padEnd(2 ** 21 + 1));
      expect((await sendRaw(...requestOf(request))).status).toBe(400);
    });
  });
});

function requestOf({
  url,
  ...rest
}: {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: Uint8Array[];
}) {
  return [url, rest] as const;
}

function replaced(fields: [string, string][], wanted: string, by: string): [string, string][] {
  return fields.map(([name, value]) => [name, name === wanted ? by : value]);
}

/** A request whose target goes out just so. */
function rawGet(
  endpoint: string,
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<Pick<WireAnswer, 'status' | 'body'>> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path, method, headers, agent: false }, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}
