import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { describe, expect, test } from 'vitest';
import { customEndpoint, targetOf } from '../../../lib/storage/endpoint.ts';
import { amzDate, scopeText, signatureOf, signingKey } from '../../../lib/storage/sigv4.ts';
import { type PolicyCondition, presignPost } from '../../../lib/storage/post-policy.ts';
import { bytesOf, codeOf, type S3Target, useTarget } from './target.ts';
import { send, signingContext } from './wire.ts';

/** POST policies: what a browser's form may write. */
export function describeForms(start: () => Promise<S3Target>): void {
  describe('forms', () => {
    const target = useTarget(start);

    function form(
      key: string,
      fields: Record<string, string> = {},
      conditions: PolicyCondition[] = [],
      time = new Date(),
    ) {
      const bench = target();
      return presignPost(
        targetOf(customEndpoint(bench.endpoint), bench.bucket),
        { bucket: bench.bucket, key },
        fields,
        conditions,
        signingContext(bench, { time }),
      );
    }

    /** A form whose policy holds these conditions, and no others but those for its signature. */
    function bareForm(fields: Record<string, string>, conditions: readonly unknown[]) {
      const { endpoint, bucket, region, credentials } = target();
      const stamp = amzDate(new Date());
      const scope = { date: stamp.slice(0, 8), region, service: 's3' };
      const signing = {
        'x-amz-algorithm': 'AWS4-HMAC-SHA256',
        'x-amz-credential': `${credentials.accessKeyId}/${scopeText(scope)}`,
        'x-amz-date': stamp,
      };
      const expiration = new Date(Date.now() + 60_000).toISOString();
      const document = JSON.stringify({ expiration, conditions: [...conditions, signing] });
      const policy = Buffer.from(document).toString('base64');
      const signature = signatureOf(signingKey(credentials, scope), policy);
      return {
        url: `${endpoint}/${bucket}`,
        fields: { ...fields, ...signing, policy, 'x-amz-signature': signature },
      };
    }

    function post(url: string, fields: Record<string, string>, file: string | Blob, filename = 'a.txt') {
      const data = new FormData();
      for (const [name, value] of Object.entries(fields)) data.append(name, value);
      data.append('file', new Blob([file]), filename);
      return send(url, { method: 'POST', body: data });
    }

    test('store their file with its description', async () => {
      const { s3, bucket: Bucket } = target();
      const { url, fields } = form('formed ä', {
        'Content-Type': 'text/plain',
        'x-amz-meta-a': 'ö',
        'Cache-Control': 'no-store',
      });
      const answer = await post(url, fields, 'hello');
      expect(answer).toMatchObject({ status: 204, body: '' });
      expect(answer.headers.get('etag')).toBe('"5d41402abc4b2a76b9719d911017c592"');
      const object = await s3.getObject({ Bucket, Key: 'formed ä' });
      expect(object).toMatchObject({ ContentType: 'text/plain', CacheControl: 'no-store' });
      expect(await bytesOf(object)).toEqual(Buffer.from('hello'));
    });

    test.each([0, 1, 65_535, 3_000_000])(
      'take a file of %i bytes that looks like a form',
      async (sizeBytes) => {
        const { s3, bucket: Bucket } = target();
        const { url, fields } = form('tricky');
        const text = '\r\n--\r\n-----\r\n------WebKitForm'.repeat(sizeBytes / 20 + 1).slice(0, sizeBytes);
        expect(await post(url, fields, text)).toMatchObject({ status: 204 });
        expect((await bytesOf(await s3.getObject({ Bucket, Key: 'tricky' }))).toString()).toBe(text);
      },
    );

    test('of the SDK work, too', async () => {
      const { s3, bucket: Bucket } = target();
      const { url, fields } = await createPresignedPost(s3, {
        Bucket,
        Key: 'sdk/${filename}',
        Conditions: [['content-length-range', 1, 10]],
        Fields: { success_action_status: '201' },
      });
      const answer = await post(url, fields, 'hello', 'ä.txt');
      expect(answer.status).toBe(201);
      expect(answer.body).toContain('<Key>sdk/ä.txt</Key>');
      expect((await s3.headObject({ Bucket, Key: 'sdk/ä.txt' })).ContentLength).toBe(5);
    });

    test.each([
      ['C:\\dir\\x.txt', 'x.txt'],
      ['../../y.txt', 'y.txt'],
      ['a\\b/c.txt', 'c.txt'],
      ['$&$1.txt', '$&$1.txt'],
      ['', ''],
    ])('write the end of the name %j in the place of ${filename}, in any field', async (filename, name) => {
      const { s3, bucket } = target();
      const key = 'user/-${filename}';
      const fields = { key, 'x-amz-meta-name': '${filename}-${filename}' };
      const conditions = [
        { bucket },
        ['starts-with', '$key', 'user/'],
        ['starts-with', '$x-amz-meta-name', name],
      ];
      const { url, fields: signed } = bareForm(fields, conditions);
      expect(await post(url, signed, 'x', filename)).toMatchObject({ status: 204 });
      const { Metadata } = await s3.headObject({ Bucket: bucket, Key: `user/-${name}` });
      expect(Metadata).toEqual({ name: `${name}-${name}` });
    });

    test('are held to their policy by what they are with the name of the file', async () => {
      const { bucket } = target();
      const key = '${filename}';
      const denied = { status: 403, code: 'AccessDenied' };
      const prefixed = bareForm({ key }, [{ bucket }, ['starts-with', '$key', 'user-']]);
      expect(await post(prefixed.url, prefixed.fields, 'x', 'other')).toMatchObject(denied);
      expect(await post(prefixed.url, prefixed.fields, 'x', 'user-1')).toMatchObject({ status: 204 });
      const exact = bareForm({ key }, [{ bucket }, { key }]);
      expect(await post(exact.url, exact.fields, 'x', 'other')).toMatchObject(denied);
    });

    test('tag what they store', async () => {
      const { s3, bucket: Bucket } = target();
      const tagged = (tags: string) => `<Tagging><TagSet>${tags}</TagSet></Tagging>`;
      const posted = (tagging: string) => {
        const { url, fields } = form('tagged', { tagging });
        return post(url, fields, 'x');
      };
      expect(await posted(tagged('<Tag><Key>a</Key><Value>ä</Value></Tag>'))).toMatchObject({ status: 204 });
      const { TagSet } = await s3.getObjectTagging({ Bucket, Key: 'tagged' });
      expect(TagSet).toEqual([{ Key: 'a', Value: 'ä' }]);
      for (const text of ['a=1', '<Tagging>', '<Tags/>', tagged('<Tag><Key>a</Key></Tag>')]) {
        expect(await posted(text)).toMatchObject({ status: 400, code: 'MalformedXML' });
      }
      const twice = '<Tag><Key>a</Key><Value>1</Value></Tag>'.repeat(2);
      expect(await posted(tagged(twice))).toMatchObject({ status: 400, code: 'InvalidTag' });
    });

    test('refuse a file outside of the range of lengths', async () => {
      const { s3, bucket: Bucket } = target();
      const { url, fields } = form('limited', {}, [['content-length-range', 3, 5]]);
      expect(await post(url, fields, 'hello!')).toMatchObject({ status: 400, code: 'EntityTooLarge' });
      expect(await post(url, fields, 'he')).toMatchObject({ status: 400, code: 'EntityTooSmall' });
      expect(await codeOf(s3.headObject({ Bucket, Key: 'limited' }))).toBe('NotFound');
      expect(await post(url, fields, 'hello')).toMatchObject({ status: 204 });
    });

    test('are held to every range of lengths', async () => {
      const ranges = [['content-length-range', 3, 100] as const, ['content-length-range', 0, 5] as const];
      for (const conditions of [ranges, ranges.toReversed()]) {
        const { url, fields } = form('limited twice', {}, conditions);
        expect(await post(url, fields, 'hello!')).toMatchObject({ status: 400, code: 'EntityTooLarge' });
        expect(await post(url, fields, 'he')).toMatchObject({ status: 400, code: 'EntityTooSmall' });
        expect(await post(url, fields, 'hello')).toMatchObject({ status: 204 });
      }
    });

    test('refuse fields that the policy does not allow', async () => {
      const { url, fields } = form('guarded', {}, [['starts-with', '$Content-Type', 'image/']]);
      const posted = (more: Record<string, string>) => post(url, { ...fields, ...more }, 'x');
      const denied = { status: 403, code: 'AccessDenied' };
      expect(await posted({ 'Content-Type': 'text/html' })).toMatchObject(denied);
      expect(await posted({})).toMatchObject(denied);
      expect(await posted({ 'Content-Type': 'image/png', key: 'other' })).toMatchObject(denied);
      expect(await posted({ 'Content-Type': 'image/png', 'x-amz-meta-extra': '1' })).toMatchObject(denied);
      expect(await posted({ 'Content-Type': 'image/png', 'x-ignore-me': '1' })).toMatchObject({
        status: 204,
      });
    });

    test('refuse a policy that does not name the bucket, whether or not the form does', async () => {
      const { bucket } = target();
      const key = 'anywhere';
      for (const fields of [{ key }, { key, bucket }]) {
        const { url, fields: signed } = bareForm(fields, [{ key }]);
        expect(await post(url, signed, 'x')).toMatchObject({ status: 403, code: 'AccessDenied' });
      }
      const { url, fields } = bareForm({ key }, [{ key }, { bucket }]);
      expect(await post(url, fields, 'x')).toMatchObject({ status: 204 });
    });

    test('refuse a checksum that nobody can verify', async () => {
      const { url, fields } = form('unverified', { 'x-amz-checksum-sha512': 'AAAA' });
      expect(await post(url, fields, 'x')).toMatchObject({ status: 400, code: 'InvalidRequest' });
    });

    test('refuse another bucket, a wrong signature, an expired policy, and none', async () => {
      const { endpoint } = target();
      const { url, fields } = form('k');
      const denied = { status: 403, code: 'AccessDenied' };
      expect(await post(`${endpoint}/other-bucket`, fields, 'x')).toMatchObject(denied);
      const wrong = { ...fields, 'X-Amz-Signature': '0'.repeat(64) };
      expect(await post(url, wrong, 'x')).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
      const expired = form('k', {}, [], new Date(Date.now() - 61_000));
      expect(await post(expired.url, expired.fields, 'x')).toMatchObject(denied);
      expect(await post(url, { key: 'k' }, 'x')).toMatchObject(denied);
    });
  });
}
