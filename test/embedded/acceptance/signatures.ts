import { createHash } from 'node:crypto';
import { CreateMultipartUploadCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, test } from 'vitest';
import { customEndpoint, targetOf } from '../../../lib/storage/endpoint.ts';
import { signedHeaders } from '../../../lib/storage/sign-request.ts';
import { bytesOf, codeOf, type S3Target, useTarget } from './target.ts';
import { presigned, send, sendRaw, signingContext } from './wire.ts';

/** What a signature lets through, and what storage itself refuses: each with S3's code. */
export function describeSignatures(start: () => Promise<S3Target>): void {
  describe('presigned URLs', () => {
    const target = useTarget(start);
    const refused = (status: number, code: string) => ({ status, code });

    test('put and get', async () => {
      const put = presigned(target(), 'ä b', { method: 'PUT', headers: { 'content-length': '5' } });
      const { status, headers } = await send(put, { method: 'PUT', body: 'hello' });
      expect([status, headers.get('etag')]).toEqual([200, '"5d41402abc4b2a76b9719d911017c592"']);
      const get = await send(presigned(target(), 'ä b', { method: 'GET' }));
      expect([get.status, get.body]).toEqual([200, 'hello']);
      const ranged = await send(presigned(target(), 'ä b', { method: 'GET' }), {
        headers: { range: 'bytes=1-2' },
      });
      expect([ranged.status, ranged.body]).toEqual([206, 'el']);
    });

    test('may carry the Authorization of another service', async () => {
      const url = presigned(target(), 'bearer', { method: 'PUT' });
      const headers = { authorization: 'Bearer stow_something' };
      expect(await send(url, { method: 'PUT', body: 'x', headers })).toMatchObject({ status: 200 });
    });

    test('with a signed header besides are refused', async () => {
      const url = presigned(target(), 'both', { method: 'PUT' });
      const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c' };
      expect(await send(url, { method: 'PUT', body: 'x', headers })).toMatchObject(
        refused(400, 'InvalidArgument'),
      );
    });

    test('refuse a wrong signature, an altered key and an altered query', async () => {
      const url = presigned(target(), 'signed', { method: 'PUT', query: [['x-id', 'PutObject']] });
      const put = (altered: string) => send(altered, { method: 'PUT', body: 'x' });
      const wrong = url.replace(/X-Amz-Signature=..../, 'X-Amz-Signature=0000');
      expect(await put(wrong)).toMatchObject(refused(403, 'SignatureDoesNotMatch'));
      expect(await put(url.replace('/signed', '/other'))).toMatchObject(
        refused(403, 'SignatureDoesNotMatch'),
      );
      expect(await put(`${url}&partNumber=1&uploadId=u`)).toMatchObject(
        refused(403, 'SignatureDoesNotMatch'),
      );
      expect(await send(url, { method: 'DELETE' })).toMatchObject(refused(403, 'SignatureDoesNotMatch'));
      expect(await codeOf(target().s3.headObject({ Bucket: target().bucket, Key: 'other' }))).toBe(
        'NotFound',
      );
    });

    test('refuse a key that is not known', async () => {
      const credentials = { ...target().credentials, accessKeyId: 'UNKNOWNKEY' };
      const url = presigned(target(), 'k', { method: 'GET' }, { credentials });
      expect(await send(url)).toMatchObject(refused(403, 'InvalidAccessKeyId'));
    });

    test('refuse when expired, or not valid yet', async () => {
      const signedAt = (secondsAgo: number) =>
        presigned(target(), 'k', { method: 'GET' }, { time: new Date(Date.now() - secondsAgo * 1000) });
      const expired = await send(signedAt(61));
      expect(expired).toMatchObject(refused(403, 'AccessDenied'));
      expect(expired.body).toContain('Request has expired');
      expect(await send(signedAt(-16 * 60))).toMatchObject(refused(403, 'AccessDenied'));
      expect(await send(signedAt(-14 * 60))).toMatchObject(refused(404, 'NoSuchKey'));
    });

    test('refuse an expiry beyond a week, and incomplete parameters', async () => {
      const long = presigned(target(), 'k', { method: 'GET' }, { expiresInSeconds: 604_801 });
      expect(await send(long)).toMatchObject(refused(400, 'AuthorizationQueryParametersError'));
      const url = presigned(target(), 'k', { method: 'GET' }).replace(/X-Amz-Date=[^&]*&/, '');
      expect(await send(url)).toMatchObject(refused(400, 'AuthorizationQueryParametersError'));
    });

    test('refuse another length than the signed one', async () => {
      const url = presigned(target(), 'length', { method: 'PUT', headers: { 'content-length': '5' } });
      for (const body of ['hell', 'hello!']) {
        expect(await send(url, { method: 'PUT', body })).toMatchObject(refused(403, 'SignatureDoesNotMatch'));
      }
    });

    test('refuse another content type, and another metadata value, than the signed one', async () => {
      const signed = { 'content-type': 'image/png', 'x-amz-meta-a': '1' };
      const url = presigned(target(), 'type', { method: 'PUT', headers: signed });
      const put = (headers: Record<string, string>) => send(url, { method: 'PUT', body: 'x', headers });
      expect(await put({ ...signed, 'content-type': 'text/html' })).toMatchObject(
        refused(403, 'SignatureDoesNotMatch'),
      );
      expect(await put({ ...signed, 'x-amz-meta-a': '2' })).toMatchObject(
        refused(403, 'SignatureDoesNotMatch'),
      );
      expect(await put({ 'content-type': 'image/png' })).toMatchObject(refused(403, 'SignatureDoesNotMatch'));
      expect(await put(signed)).toMatchObject({ status: 200 });
    });

    test('carry metadata in any script', async () => {
      const asBytes = (text: string) => Buffer.from(text).toString('latin1');
      const value = 'ä 日本語 😀';
      const url = presigned(target(), 'script', { method: 'PUT', headers: { 'x-amz-meta-a': value } });
      const headers = { 'x-amz-meta-a': asBytes(value), 'content-length': '1' };
      expect(await sendRaw(url, { method: 'PUT', headers, body: [Buffer.from('x')] })).toMatchObject({
        status: 200,
      });
      const head = await sendRaw(presigned(target(), 'script', { method: 'HEAD' }), { method: 'HEAD' });
      expect(head.headers.get('x-amz-meta-a')).toBe(asBytes(value));
    });

    test('refuse an S3 header that is not signed', async () => {
      const url = presigned(target(), 'unsigned-header', { method: 'PUT' });
      const headers = { 'x-amz-meta-a': '1' };
      expect(await send(url, { method: 'PUT', body: 'x', headers })).toMatchObject(
        refused(403, 'AccessDenied'),
      );
    });

    test('refuse a body that breaks the signed checksum', async () => {
      const sha256 = createHash('sha256').update('hello').digest('base64');
      const headers = { 'x-amz-checksum-sha256': sha256 };
      const url = presigned(target(), 'checksum', { method: 'PUT', headers });
      expect(await send(url, { method: 'PUT', body: 'hellO', headers })).toMatchObject(
        refused(400, 'BadDigest'),
      );
      expect(await send(url, { method: 'PUT', body: 'hello', headers })).toMatchObject({ status: 200 });
    });

    test('take S3 headers from the query, in any case, but for the checksum of what was no body yet', async () => {
      const { s3, bucket: Bucket } = target();
      const query = [
        ['x-amz-checksum-sha256', createHash('sha256').update('').digest('base64')],
        ['x-amz-sdk-checksum-algorithm', 'SHA256'],
        ['x-amz-tagging', 'a=1'],
        ['X-Amz-Storage-Class', 'STANDARD_IA'],
      ] as const;
      const put = presigned(target(), 'hoisted', { method: 'PUT', query });
      expect(await send(put, { method: 'PUT', body: 'hello' })).toMatchObject({ status: 200 });
      const { TagSet } = await s3.getObjectTagging({ Bucket, Key: 'hoisted' });
      expect(TagSet).toEqual([{ Key: 'a', Value: '1' }]);
      expect((await s3.headObject({ Bucket, Key: 'hoisted' })).StorageClass).toBe('STANDARD_IA');
    });

    test.each([
      [['a', '1'] as const, ['a', '2'] as const],
      [['a', '1'] as const, ['a', '1'] as const],
      [['X-Amz-Tagging', 'a=1'] as const, ['x-amz-tagging', 'a=2'] as const],
    ])(
      'of which one parameter is repeated are refused for that, not for their signature',
      async (...query) => {
        const put = presigned(target(), 'repeated', { method: 'PUT', query });
        const answer = await send(put, { method: 'PUT', body: 'hello' });
        expect(answer).toMatchObject(refused(400, 'InvalidArgument'));
        expect(answer.body).toContain(`<ArgumentName>${query[1][0]}</ArgumentName>`);
        const altered = await send(`${put}0`, { method: 'PUT', body: 'x' });
        expect(altered).toMatchObject(refused(403, 'SignatureDoesNotMatch'));
      },
    );

    test('ask for checksums in the query', async () => {
      const { s3, bucket: Bucket } = target();
      const object = { Bucket, Key: 'summed' };
      const { ChecksumCRC32 } = await s3.putObject({ ...object, Body: 'hello', ChecksumAlgorithm: 'CRC32' });
      const get = await send(
        await getSignedUrl(s3, new GetObjectCommand({ ...object, ChecksumMode: 'ENABLED' })),
      );
      expect(get.headers.get('x-amz-checksum-crc32')).toBe(ChecksumCRC32);
      const choice = { ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' } as const;
      const begin = await getSignedUrl(s3, new CreateMultipartUploadCommand({ ...object, ...choice }));
      const { headers } = await send(begin, { method: 'POST' });
      expect(headers.get('x-amz-checksum-algorithm')).toBe('CRC32C');
      expect(headers.get('x-amz-checksum-type')).toBe('FULL_OBJECT');
    });

    test('refuse a second writer where the first was to be the only one', async () => {
      const headers = { 'if-none-match': '*' };
      const url = presigned(target(), 'once', { method: 'PUT', headers });
      expect(await send(url, { method: 'PUT', body: 'first', headers })).toMatchObject({ status: 200 });
      expect(await send(url, { method: 'PUT', body: 'second', headers })).toMatchObject(
        refused(412, 'PreconditionFailed'),
      );
      expect((await send(presigned(target(), 'once', { method: 'GET' }))).body).toBe('first');
    });
  });

  describe('requests', () => {
    const target = useTarget(start);

    test('without a signature are refused, whatever they ask for', async () => {
      const { endpoint, bucket, s3 } = target();
      await s3.putObject({ Bucket: bucket, Key: 'private', Body: 'x' });
      for (const [method, path] of [
        ['GET', '/'],
        ['GET', `/${bucket}`],
        ['GET', `/${bucket}/private`],
        ['PUT', `/${bucket}/private`],
        ['DELETE', `/${bucket}/private`],
        ['POST', `/${bucket}?delete`],
      ] as const) {
        const answer = await send(endpoint + path, { method, ...(method === 'PUT' && { body: 'y' }) });
        expect([method, path, answer.status, answer.code]).toEqual([method, path, 403, 'AccessDenied']);
      }
      expect(await bytesOf(await s3.getObject({ Bucket: bucket, Key: 'private' }))).toEqual(Buffer.from('x'));
    });

    test('with a signature of version 2 are told so', async () => {
      const { endpoint, bucket, credentials } = target();
      const { accessKeyId } = credentials;
      const url = `${endpoint}/${bucket}/k`;
      const query = `?AWSAccessKeyId=${accessKeyId}&Expires=9999999999&Signature=AAAA`;
      const data = new FormData();
      for (const [name, value] of [
        ['key', 'k'],
        ['AWSAccessKeyId', accessKeyId],
        ['policy', btoa('{}')],
        ['signature', 'AAAA'],
      ] as const) {
        data.append(name, value);
      }
      data.append('file', new Blob(['x']));
      for (const answer of [
        await send(url + query),
        await send(url, { headers: { authorization: `AWS ${accessKeyId}:AAAA` } }),
        await send(`${endpoint}/${bucket}`, { method: 'POST', body: data }),
      ]) {
        expect(answer).toMatchObject({ status: 400, code: 'InvalidRequest' });
        expect(answer.body).toContain('Please use AWS4-HMAC-SHA256.');
      }
    });

    function sign(
      method: string,
      key: string,
      body: string,
      options: { headers?: object; time?: Date } = {},
    ) {
      const bench = target();
      const address = targetOf(customEndpoint(bench.endpoint), bench.bucket, key);
      const { time = new Date(), headers = {} } = options;
      const all = { 'content-length': String(Buffer.byteLength(body)), ...headers };
      return {
        url: address.origin + address.path,
        headers: signedHeaders(
          { method, target: address, query: '', headers: all, body },
          { ...signingContext(bench, { time }), service: 's3' },
        ),
      };
    }

    test('signed in the header are held to the hash of their body', async () => {
      const { url, headers } = sign('PUT', 'hashed', 'hello');
      const altered = await sendRaw(url, { method: 'PUT', headers, body: [Buffer.from('hellO')] });
      expect(altered).toMatchObject({ status: 400, code: 'XAmzContentSHA256Mismatch' });
      const right = await sendRaw(url, { method: 'PUT', headers, body: [Buffer.from('hello')] });
      expect(right).toMatchObject({ status: 200 });
    });

    test('are refused when the clocks are too far apart', async () => {
      const { url, headers } = sign('GET', 'k', '', { time: new Date(Date.now() - 16 * 60_000) });
      expect(await sendRaw(url, { method: 'GET', headers })).toMatchObject({
        status: 403,
        code: 'RequestTimeTooSkewed',
      });
    });

    test('are held to their Content-MD5', async () => {
      const { s3, bucket: Bucket } = target();
      const md5 = (text: string) => createHash('md5').update(text).digest('base64');
      const put = (ContentMD5: string) => s3.putObject({ Bucket, Key: 'md5', Body: 'hello', ContentMD5 });
      expect(await codeOf(put(md5('other')))).toBe('BadDigest');
      expect(await codeOf(put('nonsense'))).toBe('InvalidDigest');
      await put(md5('hello'));
    });
  });
}
