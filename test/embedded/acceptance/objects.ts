import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { bytesOf, codeOf, type S3Target, useTarget } from './target.ts';

/** One object: put, get, head, delete, copy; ranges and conditions. */
export function describeObjects(start: () => Promise<S3Target>): void {
  describe('objects', () => {
    const target = useTarget(start);

    test.each([0, 1, 16_384, 16_385, 1_048_576, 3_145_733, 5_242_881])('keep %i bytes', async (sizeBytes) => {
      const { s3, bucket: Bucket } = target();
      const body = randomBytes(sizeBytes);
      const Key = `bytes/${sizeBytes}`;
      await s3.putObject({ Bucket, Key, Body: body });
      const answer = await s3.getObject({ Bucket, Key });
      expect(answer.ContentLength).toBe(sizeBytes);
      expect(Buffer.compare(await bytesOf(answer), body)).toBe(0);
    });

    test.each(['plain', "ä ö/ü+~!*'()", '..', 'a//b', 'a/../b', '日本語/😀', 'x'.repeat(1024), '%2F&?#='])(
      'take the key %s',
      async (Key) => {
        const { s3, bucket: Bucket } = target();
        await s3.putObject({ Bucket, Key, Body: Key });
        expect(await bytesOf(await s3.getObject({ Bucket, Key }))).toEqual(Buffer.from(Key));
        expect((await s3.listObjectsV2({ Bucket, Prefix: Key })).Contents?.[0]?.Key).toBe(Key);
      },
    );

    test('keep their headers, metadata, tags and storage class', async () => {
      const { s3, bucket: Bucket } = target();
      const sent = {
        CacheControl: 'max-age=60',
        ContentDisposition: 'attachment; filename="a.txt"',
        ContentEncoding: 'gzip',
        ContentLanguage: 'de',
        ContentType: 'text/plain; charset=utf-8',
        Metadata: { colour: 'blue', 'two-words': 'a b' },
        StorageClass: 'STANDARD_IA',
      } as const;
      await s3.putObject({ Bucket, Key: 'described', Body: 'x', Tagging: 'a=1&b=%C3%A4', ...sent });
      expect(await s3.headObject({ Bucket, Key: 'described' })).toMatchObject(sent);
      expect(await s3.getObject({ Bucket, Key: 'described' })).toMatchObject({ ...sent, TagCount: 2 });
      const { TagSet } = await s3.getObjectTagging({ Bucket, Key: 'described' });
      expect(TagSet).toEqual([
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: 'ä' },
      ]);
    });

    test('are not replaced by what was to be appended to them', async () => {
      const { s3, bucket: Bucket } = target();
      const log = { Bucket, Key: 'log' };
      await s3.putObject({ ...log, Body: 'first' });
      const append = s3.putObject({ ...log, Body: 'second', WriteOffsetBytes: 5 });
      expect(await codeOf(append)).toBe('NotImplemented');
      expect(await bytesOf(await s3.getObject(log))).toEqual(Buffer.from('first'));
    });

    test('have their MD5 as ETag, and are replaced as a whole', async () => {
      const { s3, bucket: Bucket } = target();
      const first = await s3.putObject({ Bucket, Key: 'k', Body: 'hello', Metadata: { a: '1' } });
      expect(first.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
      await s3.putObject({ Bucket, Key: 'k', Body: 'bye' });
      const second = await s3.getObject({ Bucket, Key: 'k' });
      expect(second.Metadata).toEqual({});
      expect(await bytesOf(second)).toEqual(Buffer.from('bye'));
    });

    test('are gone when deleted, one by one or many at once', async () => {
      const { s3, bucket: Bucket } = target();
      for (const Key of ['d1', 'd2', 'd3']) await s3.putObject({ Bucket, Key, Body: Key });
      await s3.deleteObject({ Bucket, Key: 'd1' });
      await s3.deleteObject({ Bucket, Key: 'never there' });
      expect(await codeOf(s3.getObject({ Bucket, Key: 'd1' }))).toBe('NoSuchKey');
      expect(await codeOf(s3.headObject({ Bucket, Key: 'd1' }))).toBe('NotFound');
      const { Deleted } = await s3.deleteObjects({
        Bucket,
        Delete: { Objects: [{ Key: 'd2' }, { Key: 'd3' }, { Key: 'never there' }] },
      });
      expect(Deleted?.map(({ Key }) => Key)).toEqual(['d2', 'd3', 'never there']);
      expect((await s3.listObjectsV2({ Bucket, Prefix: 'd' })).Contents?.map(({ Key }) => Key)).toEqual([
        'described',
      ]);
    });

    test('are copied, with their description or with another', async () => {
      const { s3, bucket: Bucket } = target();
      const body = randomBytes(100_000);
      await s3.putObject({ Bucket, Key: 'from ä', Body: body, ContentType: 'text/a', Metadata: { a: '1' } });
      const CopySource = `${Bucket}/${encodeURIComponent('from ä')}`;
      await s3.copyObject({ Bucket, Key: 'same', CopySource });
      await s3.copyObject({
        Bucket,
        Key: 'other',
        CopySource,
        MetadataDirective: 'REPLACE',
        ContentType: 'text/b',
      });
      await s3.deleteObject({ Bucket, Key: 'from ä' });
      const same = await s3.getObject({ Bucket, Key: 'same' });
      expect(same).toMatchObject({ ContentType: 'text/a', Metadata: { a: '1' } });
      expect(Buffer.compare(await bytesOf(same), body)).toBe(0);
      const other = await s3.getObject({ Bucket, Key: 'other' });
      expect(other).toMatchObject({ ContentType: 'text/b', Metadata: {} });
      expect(Buffer.compare(await bytesOf(other), body)).toBe(0);
      expect(await codeOf(s3.copyObject({ Bucket, Key: 'same', CopySource: `${Bucket}/same` }))).toBe(
        'InvalidRequest',
      );
    });

    test('are copied as a whole, while others replace them: bytes, description and checksum are of one', async () => {
      const { s3, bucket: Bucket } = target();
      const CopySource = `${Bucket}/replaced`;
      const put = (v: string) =>
        s3.putObject({ Bucket, Key: 'replaced', Body: v, ContentType: `text/${v}`, Metadata: { v } });
      await put('a');
      const copies = Array.from({ length: 5 }, (_, index) => ({ Bucket, Key: `copy/${index}` }));
      // What comes while others are on their way to disk is held up between its look at the source and its copy.
      const over = new AbortController();
      const others = Array.from({ length: 3 }, async (_, index) => {
        while (!over.signal.aborted) await s3.putObject({ Bucket, Key: `beside/${index}`, Body: 'x' });
      });
      try {
        for (let turn = 0; turn < 15; turn += 1) {
          await Promise.all([
            put(turn % 2 ? 'a' : 'b'),
            ...copies.map(async (copy, index) => {
              await sleep(index * 2);
              await s3.copyObject({ ...copy, CopySource });
            }),
          ]);
          for (const copy of copies) {
            const copied = await s3.getObject({ ...copy, ChecksumMode: 'ENABLED' });
            const v = (await bytesOf(copied)).toString();
            expect(copied).toMatchObject({ ContentType: `text/${v}`, Metadata: { v } });
          }
        }
      } finally {
        over.abort();
        await Promise.all(others);
      }
    });

    test('are copied with the checksum that is asked for', async () => {
      const { s3, bucket: Bucket } = target();
      const Body = randomBytes(200_000);
      await s3.putObject({ Bucket, Key: 'summed', Body, ChecksumAlgorithm: 'CRC32' });
      const copy = { Bucket, Key: 'summed-copy', CopySource: `${Bucket}/summed` };
      const described = { ChecksumMode: 'ENABLED', Bucket, Key: copy.Key } as const;
      const { ChecksumCRC32 } = await s3.headObject({ ...described, Key: 'summed' });
      const kept = await s3.copyObject(copy);
      expect(kept.CopyObjectResult).toMatchObject({ ChecksumCRC32, ChecksumType: 'FULL_OBJECT' });
      const ChecksumSHA256 = createHash('sha256').update(Body).digest('base64');
      const { CopyObjectResult } = await s3.copyObject({ ...copy, ChecksumAlgorithm: 'SHA256' });
      expect(CopyObjectResult).toMatchObject({ ChecksumSHA256, ChecksumType: 'FULL_OBJECT' });
      expect(CopyObjectResult?.ChecksumCRC32).toBeUndefined();
      expect(await s3.headObject(described)).toMatchObject({ ChecksumSHA256 });
      await s3.putObject({ Bucket, Key: 'summed', Body: '' });
      expect((await s3.copyObject({ ...copy, ChecksumAlgorithm: 'SHA1' })).CopyObjectResult).toMatchObject({
        ChecksumSHA1: createHash('sha1').digest('base64'),
      });
    });

    test('are copied to one part where their parts have other checksums than is asked for', async () => {
      const { s3, bucket: Bucket } = target();
      const object = { Bucket, Key: 'in-parts' };
      const { UploadId } = await s3.createMultipartUpload({ ...object, ChecksumAlgorithm: 'CRC32' });
      const Body = randomBytes(1000);
      const { ETag, ChecksumCRC32 } = await s3.uploadPart({ ...object, UploadId, PartNumber: 1, Body });
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] };
      await s3.completeMultipartUpload({ ...object, UploadId, MultipartUpload });
      const copy = { Bucket, Key: 'in-one' };
      await s3.copyObject({ ...copy, CopySource: `${Bucket}/in-parts`, ChecksumAlgorithm: 'SHA256' });
      const read = await s3.getObject({ ...copy, PartNumber: 1, ChecksumMode: 'ENABLED' });
      expect(read.ChecksumSHA256).toBe(createHash('sha256').update(Body).digest('base64'));
      expect((await bytesOf(read)).equals(Body)).toBe(true);
      const { ObjectParts } = await s3.getObjectAttributes({ ...copy, ObjectAttributes: ['ObjectParts'] });
      expect(ObjectParts).toBeUndefined();
    });

    test('are copied from a source whose name is encoded as a whole', async () => {
      const { s3, bucket: Bucket } = target();
      await s3.putObject({ Bucket, Key: 'from/ä%2F', Body: 'x' });
      for (const CopySource of [`${Bucket}/from/ä%2F`, `/${Bucket}/from/ä%2F`].map(encodeURIComponent)) {
        await s3.copyObject({ Bucket, Key: 'decoded', CopySource });
        expect(await bytesOf(await s3.getObject({ Bucket, Key: 'decoded' }))).toEqual(Buffer.from('x'));
        await s3.deleteObject({ Bucket, Key: 'decoded' });
      }
      for (const CopySource of ['no-slash', '%', `${Bucket}/`]) {
        expect(await codeOf(s3.copyObject({ Bucket, Key: 'k', CopySource })), CopySource).toBe(
          'InvalidArgument',
        );
      }
    });

    test('are copied without where they redirect to', async () => {
      const { s3, bucket: Bucket } = target();
      const self = { Bucket, Key: 'redirects', CopySource: `${Bucket}/redirects` };
      await s3.putObject({ Bucket, Key: self.Key, Metadata: { a: '1' }, WebsiteRedirectLocation: '/a' });
      await s3.copyObject({ ...self, Key: 'follows' });
      const copied = await s3.headObject({ Bucket, Key: 'follows' });
      expect([copied.WebsiteRedirectLocation, copied.Metadata]).toEqual([undefined, { a: '1' }]);
      await s3.copyObject({ ...self, WebsiteRedirectLocation: '/b' });
      expect(await s3.headObject({ Bucket, Key: self.Key })).toMatchObject({
        WebsiteRedirectLocation: '/b',
        Metadata: { a: '1' },
      });
    });

    test.each([
      ['bytes=0-0', 0, 1],
      ['bytes=10-19', 10, 20],
      ['bytes=99990-', 99_990, 100_000],
      ['bytes=-7', 99_993, 100_000],
      ['bytes=99999-200000', 99_999, 100_000],
      ['bytes=-200000', 0, 100_000],
    ])('are read by the range %s', async (Range, from, to) => {
      const { s3, bucket: Bucket } = target();
      const body = Buffer.from(Uint32Array.from({ length: 25_000 }, (_, index) => index).buffer);
      await s3.putObject({ Bucket, Key: 'ranged', Body: body });
      const answer = await s3.getObject({ Bucket, Key: 'ranged', Range });
      expect(answer.$metadata.httpStatusCode).toBe(206);
      expect(answer.ContentRange).toBe(`bytes ${from}-${to - 1}/100000`);
      expect(Buffer.compare(await bytesOf(answer), body.subarray(from, to))).toBe(0);
      const head = await s3.headObject({ Bucket, Key: 'ranged', Range });
      expect([head.ContentLength, head.ContentRange]).toEqual([to - from, answer.ContentRange]);
    });

    test('refuse a range without a byte', async () => {
      const { s3, bucket: Bucket } = target();
      await s3.putObject({ Bucket, Key: 'short', Body: 'abc' });
      for (const Range of ['bytes=3-', 'bytes=9-10', 'bytes=-0']) {
        expect(await codeOf(s3.getObject({ Bucket, Key: 'short', Range }))).toBe('InvalidRange');
      }
    });

    test('are read on conditions', async () => {
      const { s3, bucket: Bucket } = target();
      const { ETag } = await s3.putObject({ Bucket, Key: 'c', Body: 'abc' });
      const past = new Date(Date.now() - 3_600_000);
      const future = new Date(Date.now() + 3_600_000);
      const notModified = { $metadata: { httpStatusCode: 304 } };
      const read = (conditions: object) => s3.getObject({ Bucket, Key: 'c', ...conditions });
      await read({ IfMatch: ETag });
      await read({ IfNoneMatch: '"other"' });
      await read({ IfModifiedSince: past });
      await read({ IfUnmodifiedSince: future });
      expect(await codeOf(read({ IfMatch: '"other"' }))).toBe('PreconditionFailed');
      expect(await codeOf(read({ IfUnmodifiedSince: past }))).toBe('PreconditionFailed');
      await expect(read({ IfNoneMatch: ETag })).rejects.toMatchObject(notModified);
      await expect(read({ IfModifiedSince: new Date() })).rejects.toMatchObject(notModified);
    });

    test('are written on conditions', async () => {
      const { s3, bucket: Bucket } = target();
      const write = (conditions: object) => s3.putObject({ Bucket, Key: 'w', Body: 'x', ...conditions });
      const { ETag } = await write({ IfNoneMatch: '*' });
      expect(await codeOf(write({ IfNoneMatch: '*' }))).toBe('PreconditionFailed');
      expect(await codeOf(write({ IfMatch: '"other"' }))).toBe('PreconditionFailed');
      await write({ IfMatch: ETag });
    });

    test('are copied and deleted on conditions', async () => {
      const { s3, bucket: Bucket } = target();
      const { ETag } = await s3.putObject({ Bucket, Key: 'from', Body: 'x' });
      const copy = (conditions: object) =>
        s3.copyObject({ Bucket, Key: 'to', CopySource: `${Bucket}/from`, ...conditions });
      expect(await codeOf(copy({ CopySourceIfMatch: '"other"' }))).toBe('PreconditionFailed');
      await copy({ CopySourceIfMatch: ETag, IfNoneMatch: '*' });
      expect(await codeOf(copy({ IfNoneMatch: '*' }))).toBe('PreconditionFailed');
      expect(await codeOf(copy({ IfMatch: '"other"' }))).toBe('PreconditionFailed');
      await copy({ IfMatch: ETag });

      const remove = (IfMatch: string) => s3.deleteObject({ Bucket, Key: 'to', IfMatch });
      expect(await codeOf(remove('"other"'))).toBe('PreconditionFailed');
      const Objects = [{ Key: 'to', ETag: '"other"' }, { Key: 'from' }];
      const { Deleted, Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
      expect(Deleted?.map(({ Key }) => Key)).toEqual(['from']);
      expect(Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([['to', 'PreconditionFailed']]);
      await remove(ETag ?? '');
      expect(await codeOf(s3.headObject({ Bucket, Key: 'to' }))).toBe('NotFound');
    });

    test('let exactly one of many first writers win', async () => {
      const { s3, bucket: Bucket } = target();
      const writers = Array.from({ length: 16 }, (_, index) =>
        s3.putObject({ Bucket, Key: 'race', Body: `writer ${index}`, IfNoneMatch: '*' }),
      );
      const outcomes = await Promise.allSettled(writers);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('are answered with the headers that the query asks for', async () => {
      const { s3, bucket: Bucket } = target();
      await s3.putObject({ Bucket, Key: 'o', Body: 'x', ContentType: 'text/plain' });
      const asked = { ResponseContentType: 'image/png', ResponseContentDisposition: 'inline; filename="ä"' };
      expect(await s3.getObject({ Bucket, Key: 'o', ...asked })).toMatchObject({ ContentType: 'image/png' });
    });
  });
}
