import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { codeOf, type S3Target, useTarget } from './target.ts';

/** What an object has beside its bytes, and how it is changed afterwards. */
export function describeAttributes(start: () => Promise<S3Target>): void {
  describe('attributes', () => {
    const target = useTarget(start);

    test('hold tags that are replaced and removed, without a new version', async () => {
      const { s3 } = target();
      const Bucket = `tags-${randomUUID()}`;
      await s3.createBucket({ Bucket });
      await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
      const { VersionId } = await s3.putObject({ Bucket, Key: 'k', Body: 'x', Tagging: 'a=1' });
      await s3.putObject({ Bucket, Key: 'k', Body: 'y' });
      const old = { Bucket, Key: 'k', VersionId };
      const TagSet = [
        { Key: 'b', Value: '2' },
        { Key: 'ä', Value: '' },
      ];
      await s3.putObjectTagging({ ...old, Tagging: { TagSet } });
      expect((await s3.getObjectTagging(old)).TagSet).toEqual(TagSet);
      expect((await s3.getObjectTagging({ Bucket, Key: 'k' })).TagSet).toEqual([]);
      await s3.deleteObjectTagging(old);
      expect((await s3.getObjectTagging(old)).TagSet).toEqual([]);
      expect((await s3.listObjectVersions({ Bucket })).Versions).toHaveLength(2);
    });

    test('refuse tags beyond their limits', async () => {
      const { s3, bucket: Bucket } = target();
      await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
      const put = (TagSet: { Key: string; Value: string }[]) =>
        s3.putObjectTagging({ Bucket, Key: 'k', Tagging: { TagSet } });
      const many = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
      const twice = [many[0], many[0]].flatMap((tag) => tag ?? []);
      for (const tags of [twice, [{ Key: 'k', Value: 'v'.repeat(257) }]]) {
        expect(await codeOf(put(tags))).toBe('InvalidTag');
      }
      for (const text of ['a&b', '<b>', 'a,b', 'a\tb', '*', '\u{1F600}']) {
        expect(await codeOf(put([{ Key: text, Value: '' }]))).toBe('InvalidTag');
        expect(await codeOf(put([{ Key: 'k', Value: text }]))).toBe('InvalidTag');
      }
      expect(await codeOf(put([{ Key: 'aws:mine', Value: '' }]))).toBe('InvalidTag');
      const Tagging = new URLSearchParams({ k: 'a&b' }).toString();
      expect(await codeOf(s3.putObject({ Bucket, Key: 'k', Body: 'y', Tagging }))).toBe('InvalidTag');
      const TagSet = [{ Key: 'größe हिन्दी 1', Value: '+-=._:/@ 東京' }];
      await put(TagSet);
      expect((await s3.getObjectTagging({ Bucket, Key: 'k' })).TagSet).toEqual(TagSet);
      await expect(put(many)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
      expect(await codeOf(s3.getObjectTagging({ Bucket, Key: 'none' }))).toBe('NoSuchKey');
    });

    test('are told one by one', async () => {
      const { s3, bucket: Bucket } = target();
      const { ETag } = await s3.putObject({ Bucket, Key: 'told', Body: 'hello', ChecksumAlgorithm: 'SHA1' });
      const size = await s3.getObjectAttributes({ Bucket, Key: 'told', ObjectAttributes: ['ObjectSize'] });
      expect([size.ObjectSize, size.ETag, size.Checksum]).toEqual([5, undefined, undefined]);
      const checksum = await s3.getObjectAttributes({
        Bucket,
        Key: 'told',
        ObjectAttributes: ['Checksum', 'ETag', 'StorageClass'],
      });
      expect(checksum.ETag).toBe(ETag?.replaceAll('"', ''));
      expect(checksum.Checksum?.ChecksumSHA1).toBe('qvTGHdzF6KLavt4PO0gs2a6pQ00=');
      expect(checksum.StorageClass).toBe('STANDARD');
    });

    test('tell of the parts that an object came in', async () => {
      const { s3, bucket: Bucket } = target();
      const upload = { Bucket, Key: 'parts' };
      const { UploadId } = await s3.createMultipartUpload({ ...upload, ChecksumAlgorithm: 'CRC32' });
      const Parts = [];
      for (const [PartNumber, Body] of [[1, 'x'.repeat(5 * 2 ** 20)] as const, [2, 'last'] as const]) {
        const part = await s3.uploadPart({ ...upload, UploadId, PartNumber, Body });
        Parts.push({ PartNumber, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 });
      }
      await s3.completeMultipartUpload({ ...upload, UploadId, MultipartUpload: { Parts } });
      const { ObjectParts } = await s3.getObjectAttributes({ ...upload, ObjectAttributes: ['ObjectParts'] });
      expect(ObjectParts?.TotalPartsCount).toBe(2);
      expect(ObjectParts?.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
        [1, 5 * 2 ** 20],
        [2, 4],
      ]);
      const page = await s3.getObjectAttributes({
        ...upload,
        ObjectAttributes: ['ObjectParts'],
        MaxParts: 1,
        PartNumberMarker: '1',
      });
      expect(page.ObjectParts?.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([2]);
    });
  });
}
