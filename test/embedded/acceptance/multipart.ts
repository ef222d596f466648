import { randomBytes } from 'node:crypto';
import { Upload } from '@aws-sdk/lib-storage';
import { describe, expect, test } from 'vitest';
import { bytesOf, codeOf, type S3Target, useTarget } from './target.ts';

const partBytes = 5 * 2 ** 20;

/** Objects that come in parts. */
export function describeMultipart(start: () => Promise<S3Target>): void {
  describe('multipart uploads', () => {
    const target = useTarget(start);

    async function begin(Key: string, options: object = {}) {
      const { s3, bucket: Bucket } = target();
      const { UploadId } = await s3.createMultipartUpload({ Bucket, Key, ...options });
      const upload = { Bucket, Key, UploadId };
      return {
        upload,
        send: async (PartNumber: number, Body: Buffer) => {
          const { ETag } = await s3.uploadPart({ ...upload, PartNumber, Body });
          return { PartNumber, ETag };
        },
        complete: (Parts: object[], conditions: object = {}) =>
          s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts }, ...conditions }),
      };
    }

    test('make one object of their parts, in order', async () => {
      const { s3, bucket: Bucket } = target();
      const first = randomBytes(partBytes);
      const second = randomBytes(1000);
      const { upload, send, complete } = await begin('two', {
        ContentType: 'video/mp4',
        Metadata: { a: '1' },
      });
      const part2 = await send(2, second);
      await send(1, randomBytes(10));
      const part1 = await send(1, first);
      await send(9, randomBytes(10));
      const { ETag } = await complete([part1, part2]);
      expect(ETag).toMatch(/^"[\da-f]{32}-2"$/);
      const whole = Buffer.concat([first, second]);
      const answer = await s3.getObject({ Bucket, Key: 'two' });
      expect(answer).toMatchObject({ ContentType: 'video/mp4', Metadata: { a: '1' }, ETag });
      expect(Buffer.compare(await bytesOf(answer), whole)).toBe(0);
      const across = await s3.getObject({
        Bucket,
        Key: 'two',
        Range: `bytes=${partBytes - 5}-${partBytes + 4}`,
      });
      expect(await bytesOf(across)).toEqual(whole.subarray(partBytes - 5, partBytes + 5));
      const secondPart = await s3.getObject({ Bucket, Key: 'two', PartNumber: 2 });
      expect(secondPart.PartsCount).toBe(2);
      expect(await bytesOf(secondPart)).toEqual(second);
      expect(await codeOf(s3.listParts(upload))).toBe('NoSuchUpload');
    });

    test('take parts from other objects, or from ranges of them', async () => {
      const { s3, bucket: Bucket } = target();
      const large = randomBytes(partBytes);
      await s3.putObject({ Bucket, Key: 'large source', Body: large });
      await s3.putObject({ Bucket, Key: 'small-source', Body: 'abcdef' });
      const { upload, complete } = await begin('assembled', { ChecksumAlgorithm: 'CRC32C' });
      const copy = async (PartNumber: number, source: string, CopySourceRange?: string) => {
        const CopySource = `${Bucket}/${encodeURIComponent(source)}`;
        const range = CopySourceRange === undefined ? {} : { CopySourceRange };
        const { CopyPartResult } = await s3.uploadPartCopy({ ...upload, PartNumber, CopySource, ...range });
        const { ETag, ChecksumCRC32C } = CopyPartResult ?? {};
        return { PartNumber, ETag, ChecksumCRC32C };
      };
      const parts = [await copy(1, 'large source'), await copy(2, 'small-source', 'bytes=1-3')];
      expect(await codeOf(copy(3, 'small-source', 'bytes=4-6'))).toBe('InvalidArgument');
      expect(await codeOf(copy(3, 'none'))).toBe('NoSuchKey');
      await complete(parts);
      const body = await bytesOf(await s3.getObject({ Bucket, Key: 'assembled' }));
      expect(body.equals(Buffer.concat([large, Buffer.from('bcd')]))).toBe(true);
    });

    test('are done by lib-storage', async () => {
      const { s3, bucket: Bucket } = target();
      const body = randomBytes(2 * partBytes + 17);
      await new Upload({ client: s3, params: { Bucket, Key: 'lib-storage', Body: body } }).done();
      expect(Buffer.compare(await bytesOf(await s3.getObject({ Bucket, Key: 'lib-storage' })), body)).toBe(0);
    });

    test('list their parts, page by page', async () => {
      const { s3 } = target();
      const { upload, send } = await begin('paged');
      for (let number = 1; number <= 5; number += 1) await send(number * 3, Buffer.alloc(number));
      const first = await s3.listParts({ ...upload, MaxParts: 3 });
      expect(first.IsTruncated).toBe(true);
      expect(first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
        [3, 1],
        [6, 2],
        [9, 3],
      ]);
      const second = await s3.listParts({ ...upload, PartNumberMarker: first.NextPartNumberMarker });
      expect(second.IsTruncated).toBe(false);
      expect(second.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([12, 15]);
    });

    test('are listed, and gone when aborted', async () => {
      const { s3, bucket: Bucket } = target();
      const open = [await begin('list/a'), await begin('list/a'), await begin('list/b/c')];
      const { Uploads, CommonPrefixes } = await s3.listMultipartUploads({
        Bucket,
        Prefix: 'list/',
        Delimiter: '/',
      });
      expect(Uploads?.map(({ UploadId }) => UploadId)).toEqual(
        open.slice(0, 2).map(({ upload }) => upload.UploadId),
      );
      expect(CommonPrefixes).toEqual([{ Prefix: 'list/b/' }]);
      const page = await s3.listMultipartUploads({ Bucket, Prefix: 'list/', MaxUploads: 1 });
      expect(page.IsTruncated).toBe(true);
      const rest = await s3.listMultipartUploads({
        Bucket,
        Prefix: 'list/',
        KeyMarker: page.NextKeyMarker,
        UploadIdMarker: page.NextUploadIdMarker,
      });
      expect(rest.Uploads).toHaveLength(2);
      for (const { upload } of open) await s3.abortMultipartUpload(upload);
      expect((await s3.listMultipartUploads({ Bucket, Prefix: 'list/' })).Uploads).toBeUndefined();
    });

    test('keep one of the parts that come under the same number at a time, whole', async () => {
      const { s3, bucket: Bucket } = target();
      const { upload, send, complete } = await begin('raced');
      const bodies = Array.from({ length: 12 }, (_, at) => Buffer.alloc(200_000 + at, `${at},`));
      const sent = await Promise.all(bodies.map((body) => send(1, body)));
      const { Parts = [] } = await s3.listParts(upload);
      expect(Parts).toHaveLength(1);
      const kept = sent.findIndex(({ ETag }) => ETag === Parts[0]?.ETag);
      expect(Parts[0]?.Size).toBe(bodies[kept]?.length);
      const another = sent[(kept + 1) % sent.length] ?? {};
      expect(await codeOf(complete([another]))).toBe('InvalidPart');
      // One more comes while the upload is completed, twice.
      const part = sent[kept] ?? {};
      const late = send(1, Buffer.alloc(300_000, 'late'));
      const completions = await Promise.allSettled([complete([part]), complete([part])]);
      const codes = completions.map((done) => (done.status === 'rejected' ? done.reason.name : 'complete'));
      const isComplete = codes[0] === 'complete';
      expect(codes).toEqual(isComplete ? ['complete', 'complete'] : ['InvalidPart', 'InvalidPart']);
      // It is too late where the upload is gone already.
      const latePart = await late.catch((error: Error) => error.name);
      if (!isComplete) await complete([Object(latePart)]);
      const answer = await bytesOf(await s3.getObject({ Bucket, Key: 'raced' }));
      expect(answer.equals(isComplete ? (bodies[kept] ?? answer) : Buffer.alloc(300_000, 'late'))).toBe(true);
      expect(await codeOf(s3.listParts(upload))).toBe('NoSuchUpload');
    });

    test('refuse what does not fit', async () => {
      const { s3 } = target();
      const { upload, send, complete } = await begin('refused');
      const small = await send(1, Buffer.alloc(100));
      const last = await send(2, Buffer.alloc(100));
      expect(await codeOf(complete([small, last]))).toBe('EntityTooSmall');
      expect(await codeOf(complete([last, small]))).toBe('InvalidPartOrder');
      expect(await codeOf(complete([{ PartNumber: 3, ETag: small.ETag }]))).toBe('InvalidPart');
      expect(await codeOf(complete([{ PartNumber: 1, ETag: `"${'0'.repeat(32)}"` }]))).toBe('InvalidPart');
      expect(await codeOf(complete([]))).toBe('MalformedXML');
      expect(await codeOf(s3.uploadPart({ ...upload, PartNumber: 10_001, Body: 'x' }))).toBe(
        'InvalidArgument',
      );
      await s3.abortMultipartUpload(upload);
      expect(await codeOf(send(1, Buffer.alloc(1)))).toBe('NoSuchUpload');
      expect(await codeOf(complete([small]))).toBe('NoSuchUpload');
      expect(await codeOf(s3.abortMultipartUpload(upload))).toBe('NoSuchUpload');
    });

    test('are completed on conditions', async () => {
      const { s3, bucket: Bucket } = target();
      await s3.putObject({ Bucket, Key: 'taken', Body: 'x' });
      const { send, complete } = await begin('taken');
      const part = await send(1, Buffer.alloc(10));
      expect(await codeOf(complete([part], { IfNoneMatch: '*' }))).toBe('PreconditionFailed');
      await complete([part]);
      expect((await s3.headObject({ Bucket, Key: 'taken' })).ContentLength).toBe(10);
    });

    test('give the same answer when they are completed again', async () => {
      const { send, complete } = await begin('again');
      const part = await send(1, Buffer.alloc(10));
      const { ETag } = await complete([part]);
      expect((await complete([part])).ETag).toBe(ETag);
    });

    test('are not completed again where their object has been copied to', async () => {
      const { s3, bucket: Bucket } = target();
      const { upload, send, complete } = await begin('copied');
      const part = await send(1, Buffer.alloc(10));
      await complete([part]);
      const copy = { Bucket, Key: 'copy of parts' };
      await s3.copyObject({ ...copy, CopySource: `${Bucket}/copied` });
      const MultipartUpload = { Parts: [part] };
      const again = s3.completeMultipartUpload({ ...upload, ...copy, MultipartUpload });
      expect(await codeOf(again)).toBe('NoSuchUpload');
      expect((await s3.headObject({ ...copy, PartNumber: 1 })).PartsCount).toBe(1);
      await complete([part]);
    });

    test('are not completed again with other parts', async () => {
      const { send, complete } = await begin('other');
      const part = await send(1, Buffer.alloc(10));
      await complete([part]);
      expect(await codeOf(complete([{ ...part, ETag: `"${'1'.repeat(32)}"` }]))).toBe('NoSuchUpload');
    });
  });
}
