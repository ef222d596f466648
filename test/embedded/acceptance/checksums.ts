import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import type { ChecksumAlgorithm, ChecksumType, CompletedPart } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, codeOf, type S3Target, useTarget } from './target.ts';
import { presigned, send } from './wire.ts';

const algorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
type Algorithm = (typeof algorithms)[number];

/** Of the text `hello`. */
const ofHello: Readonly<Record<Algorithm, string>> = {
  CRC32: 'NhCmhg==',
  CRC32C: 'mnG7TA==',
  CRC64NVME: 'M3eFcAZSQlc=',
  SHA1: 'qvTGHdzF6KLavt4PO0gs2a6pQ00=',
  SHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
};
const partBytes = 5 * 2 ** 20;

export function describeChecksums(start: () => Promise<S3Target>): void {
  describe('checksums', () => {
    const target = useTarget(start);

    test.each(algorithms)('%s in a header is verified, kept and told', async (algorithm) => {
      const { s3, bucket: Bucket } = target();
      const put = (Body: string) =>
        s3.putObject({ Bucket, Key: algorithm, Body, [`Checksum${algorithm}`]: ofHello[algorithm] });
      expect(await codeOf(put('hellO'))).toBe('BadDigest');
      expect(await codeOf(s3.headObject({ Bucket, Key: algorithm }))).toBe('NotFound');
      const told = { [`Checksum${algorithm}`]: ofHello[algorithm], ChecksumType: 'FULL_OBJECT' };
      expect(await put('hello')).toMatchObject(told);
      expect(await s3.headObject({ Bucket, Key: algorithm, ChecksumMode: 'ENABLED' })).toMatchObject(told);
      expect(await s3.headObject({ Bucket, Key: algorithm })).not.toHaveProperty(`Checksum${algorithm}`);
    });

    test.each(algorithms)('%s in a trailer is verified and kept', async (algorithm) => {
      const { s3, bucket: Bucket } = target();
      const body = randomBytes(300_000);
      await s3.putObject({
        Bucket,
        Key: 'streamed',
        Body: Readable.from([body.subarray(0, 100_001), body.subarray(100_001)]),
        ContentLength: body.length,
        ChecksumAlgorithm: algorithm,
      });
      const answer = await s3.getObject({ Bucket, Key: 'streamed', ChecksumMode: 'ENABLED' });
      expect(answer).toHaveProperty(`Checksum${algorithm}`);
      expect(answer.ContentEncoding).toBeUndefined();
      expect(Buffer.compare(await bytesOf(answer), body)).toBe(0);
    });

    test('of any size, the CRC32 is that of the bytes, and another one is refused', async () => {
      const { s3, bucket: Bucket } = target();
      const blockBytes = 128 * 1024;
      const bytes = randomBytes(20 * blockBytes);
      const around = (size: number) => fc.integer({ min: -2, max: 2 }).map((more) => size + more);
      const sizes = fc.oneof(
        fc.integer({ min: 4, max: bytes.length }),
        fc.integer({ min: 1, max: 19 }).chain((blocks) => around(blocks * blockBytes)),
        around(16 * 1024),
      );
      await fc.assert(
        fc.asyncProperty(sizes, fc.nat(), async (sizeBytes, salt) => {
          const Body = Buffer.from(bytes.subarray(0, sizeBytes));
          Body.writeUInt32BE(salt, 0);
          const put = (crc: number) => {
            const ChecksumCRC32 = Buffer.from(crc.toString(16).padStart(8, '0'), 'hex').toString('base64');
            return s3.putObject({ Bucket, Key: 'sized', Body, ChecksumCRC32 });
          };
          expect(await codeOf(put((crc32(Body) ^ 1) >>> 0))).toBe('BadDigest');
          await put(crc32(Body));
        }),
        { numRuns: 40 },
      );
    });

    test('that are none, or more than one, are refused', async () => {
      const { s3, bucket: Bucket } = target();
      const put = (checksums: object) => s3.putObject({ Bucket, Key: 'k', Body: 'hello', ...checksums });
      expect(await codeOf(put({ ChecksumCRC32: 'nonsense' }))).toBe('InvalidRequest');
      const both = { ChecksumCRC32: ofHello.CRC32, ChecksumSHA1: ofHello.SHA1 };
      expect(await codeOf(put(both))).toBe('InvalidRequest');
    });

    test.each([
      ...['sha512', 'md5', 'xxhash64', 'xxhash3', 'xxhash128', 'crc99'].map(
        (name) => `x-amz-checksum-${name}`,
      ),
      'x-amz-sdk-checksum-algorithm',
    ])('that nobody can verify are refused: %s', async (name) => {
      const { s3, bucket: Bucket } = target();
      const headers = { [name]: 'SHA512' };
      const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'unverified' });
      const query = [
        ['partNumber', '1'],
        ['uploadId', UploadId ?? ''],
      ] as const;
      for (const request of [{}, { query }]) {
        const url = presigned(target(), 'unverified', { method: 'PUT', headers, ...request });
        const answer = await send(url, { method: 'PUT', body: 'hello', headers });
        expect(answer).toMatchObject({ status: 400, code: 'InvalidRequest' });
        expect(answer.body).toContain('CRC32, CRC32C, CRC64NVME, SHA1, SHA256');
      }
      expect(await codeOf(s3.headObject({ Bucket, Key: 'unverified' }))).toBe('NotFound');
      expect((await s3.listParts({ Bucket, Key: 'unverified', UploadId })).Parts).toBeUndefined();
    });

    test('of an algorithm that nobody knows are refused for uploads, their parts and copies, too', async () => {
      const { s3, bucket: Bucket } = target();
      const object = { Bucket, Key: 'unknown' };
      const algorithm = { ChecksumAlgorithm: 'SHA512' } as const;
      expect(await codeOf(s3.createMultipartUpload({ ...object, ...algorithm }))).toBe('InvalidRequest');
      await s3.putObject({ Bucket, Key: 'source', Body: 'hello' });
      const copy = s3.copyObject({ ...object, CopySource: `${Bucket}/source`, ...algorithm });
      expect(await codeOf(copy)).toBe('InvalidRequest');

      const { UploadId } = await s3.createMultipartUpload(object);
      const { ETag } = await s3.uploadPart({ ...object, UploadId, PartNumber: 1, Body: 'hello' });
      const complete = (checksum: object) => {
        const Parts = [{ PartNumber: 1, ETag, ...checksum }];
        return s3.completeMultipartUpload({ ...object, UploadId, MultipartUpload: { Parts } });
      };
      expect(await codeOf(complete({ ChecksumSHA512: 'AAAA' }))).toBe('InvalidRequest');
      await complete({});
    });

    async function upload(Key: string, algorithm: ChecksumAlgorithm, type: ChecksumType, bodies: Buffer[]) {
      const { s3, bucket: Bucket } = target();
      const { UploadId } = await s3.createMultipartUpload({
        Bucket,
        Key,
        ChecksumAlgorithm: algorithm,
        ChecksumType: type,
      });
      const Parts: CompletedPart[] = [];
      for (const [index, Body] of bodies.entries()) {
        const part = { PartNumber: index + 1, ChecksumAlgorithm: algorithm, Body };
        const { ETag, ...sent } = await s3.uploadPart({ Bucket, Key, UploadId, ...part });
        const checksum = { [`Checksum${algorithm}`]: sent[`Checksum${algorithm}` as keyof typeof sent] };
        Parts.push({ PartNumber: index + 1, ETag, ...checksum });
      }
      return (whole: object) =>
        s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...whole });
    }

    test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
      'a whole multipart object has the %s of its bytes',
      async (algorithm) => {
        const { s3, bucket: Bucket } = target();
        const bodies = [randomBytes(partBytes), randomBytes(partBytes + 1), randomBytes(77)];
        const field = `Checksum${algorithm}` as const;
        const plain = await s3.putObject({
          Bucket,
          Key: 'plain',
          Body: Buffer.concat(bodies),
          ChecksumAlgorithm: algorithm,
        });
        const complete = await upload('whole', algorithm, 'FULL_OBJECT', bodies);
        expect(await codeOf(complete({ [field]: ofHello[algorithm] }))).toBe('BadDigest');
        const whole = { [field]: plain[field], ChecksumType: 'FULL_OBJECT' };
        expect(await complete(whole)).toMatchObject(whole);
        expect(await s3.headObject({ Bucket, Key: 'whole', ChecksumMode: 'ENABLED' })).toMatchObject(whole);
      },
    );

    test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)(
      'a composite %s is one over those of the parts',
      async (algorithm) => {
        const { s3, bucket: Bucket } = target();
        const last = randomBytes(9);
        const alike = { Bucket, Key: 'alike', Body: last };
        const complete = await upload('composite', algorithm, 'COMPOSITE', [randomBytes(partBytes), last]);
        const done = await complete({});
        expect(done[`Checksum${algorithm}`]).toMatch(/=-2$/);
        expect(done.ChecksumType).toBe('COMPOSITE');
        const second = { Bucket, Key: 'composite', PartNumber: 2, ChecksumMode: 'ENABLED' } as const;
        const alone = await s3.putObject({ ...alike, ChecksumAlgorithm: algorithm });
        const own = { [`Checksum${algorithm}`]: alone[`Checksum${algorithm}`] };
        expect(await s3.headObject(second)).toMatchObject({ ...own, ChecksumType: 'COMPOSITE' });
        expect(await bytesOf(await s3.getObject(second))).toEqual(last);
      },
    );

    test('a part must have the checksum of its upload', async () => {
      const { s3, bucket: Bucket } = target();
      const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'k', ChecksumAlgorithm: 'SHA256' });
      const part = { Bucket, Key: 'k', UploadId, PartNumber: 1, Body: 'hello' };
      expect(await codeOf(s3.uploadPart({ ...part, ChecksumAlgorithm: 'CRC32' }))).toBe('InvalidRequest');
    });

    test('parts of an upload that has chosen none are named with those that they came with', async () => {
      const { s3, bucket: Bucket } = target();
      const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'none chosen' });
      const upload = { Bucket, Key: 'none chosen', UploadId };
      const { ETag, ChecksumCRC32 } = await s3.uploadPart({ ...upload, PartNumber: 1, Body: 'hello' });
      expect(ChecksumCRC32).toBe(ofHello.CRC32);
      const complete = (checksum: object) =>
        s3.completeMultipartUpload({
          ...upload,
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ...checksum }] },
        });
      expect(await codeOf(complete({ ChecksumCRC32: 'AAAAAA==' }))).toBe('InvalidPart');
      expect(await codeOf(complete({ ChecksumSHA1: ofHello.SHA1 }))).toBe('InvalidPart');
      await complete({ ChecksumCRC32 });
      expect((await s3.headObject({ Bucket, Key: 'none chosen' })).ContentLength).toBe(5);
    });
  });
}
