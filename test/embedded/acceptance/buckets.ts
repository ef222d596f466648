import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { codeOf, type S3Target, useTarget } from './target.ts';

export function describeBuckets(start: () => Promise<S3Target>): void {
  describe('buckets', () => {
    const target = useTarget(start);

    test('are made, found, listed and deleted', async () => {
      const { s3 } = target();
      const Bucket = `made-${randomUUID()}`;
      await s3.createBucket({ Bucket });
      await s3.headBucket({ Bucket });
      expect((await s3.listBuckets()).Buckets?.map(({ Name }) => Name)).toContain(Bucket);
      await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
      expect(await codeOf(s3.deleteBucket({ Bucket }))).toBe('BucketNotEmpty');
      await s3.deleteObject({ Bucket, Key: 'k' });
      await s3.createMultipartUpload({ Bucket, Key: 'unfinished' });
      await s3.deleteBucket({ Bucket });
      expect(await codeOf(s3.headBucket({ Bucket }))).toBe('NotFound');
      expect(await codeOf(s3.putObject({ Bucket, Key: 'k', Body: 'x' }))).toBe('NoSuchBucket');
      expect(await codeOf(s3.listObjectsV2({ Bucket }))).toBe('NoSuchBucket');
    });

    test('have names that fit into a host name', async () => {
      const { s3 } = target();
      for (const Bucket of ['ab', 'Upper-case', 'under_score', 'x'.repeat(64)]) {
        expect(await codeOf(s3.createBucket({ Bucket }))).toBe('InvalidBucketName');
      }
    });

    test('tell where they are', async () => {
      const { s3, bucket: Bucket } = target();
      await s3.getBucketLocation({ Bucket });
    });
  });
}
