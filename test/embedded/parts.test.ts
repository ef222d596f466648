import { describe, expect, test } from 'vitest';
import { bytesOf, useTarget } from './acceptance/target.ts';
import { startStore } from './server.ts';

/** AWS documents that it refuses gaps where parts have checksums, and lists no parts without; here both are taken. */
describe('parts whose numbers have gaps', () => {
  const target = useTarget(startStore);

  test('are told by the numbers that read them, with the checksum of each', async () => {
    const { s3, bucket: Bucket } = target();
    const object = { Bucket, Key: 'gaps' };
    const { UploadId } = await s3.createMultipartUpload({ ...object, ChecksumAlgorithm: 'CRC32' });
    const Parts = [];
    const large = 'x'.repeat(5 * 2 ** 20);
    for (const [PartNumber, Body] of [[2, large] as const, [5, large] as const, [9, 'last'] as const]) {
      const { ETag, ChecksumCRC32 } = await s3.uploadPart({ ...object, UploadId, PartNumber, Body });
      Parts.push({ PartNumber, ETag, ChecksumCRC32 });
    }
    await s3.completeMultipartUpload({ ...object, UploadId, MultipartUpload: { Parts } });

    const list = async (page: { MaxParts?: number; PartNumberMarker?: string } = {}) => {
      const { ObjectParts } = await s3.getObjectAttributes({
        ...object,
        ObjectAttributes: ['ObjectParts'],
        ...page,
      });
      return ObjectParts ?? {};
    };
    const numbers = ({ Parts: parts = [] }: Awaited<ReturnType<typeof list>>) =>
      parts.map(({ PartNumber }) => PartNumber);
    const all = await list();
    expect(numbers(all)).toEqual([1, 2, 3]);
    const first = await list({ MaxParts: 2 });
    expect(numbers(first)).toEqual([1, 2]);
    expect(first.IsTruncated).toBe(true);
    const rest = await list({ PartNumberMarker: first.NextPartNumberMarker ?? '' });
    expect(numbers(rest)).toEqual([3]);
    expect(rest.IsTruncated).toBe(false);

    for (const { PartNumber, Size, ChecksumCRC32 } of all.Parts ?? []) {
      const read = { ...object, PartNumber, ChecksumMode: 'ENABLED' } as const;
      expect(await s3.headObject(read)).toMatchObject({ ContentLength: Size, ChecksumCRC32 });
      const answer = await s3.getObject(read);
      expect(answer.ChecksumCRC32).toBe(ChecksumCRC32);
      expect(await bytesOf(answer)).toHaveLength(Size ?? 0);
    }
    expect(await s3.headObject({ ...object, PartNumber: 1 })).not.toHaveProperty('ChecksumCRC32');
  });
});
