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

    test('are listed page by page, and by what their names begin with', async () => {
      const { s3 } = target();
      const Prefix = `paged-${randomUUID()}-`;
      const names = ['a', 'b', 'c'].map((name) => Prefix + name);
      for (const Bucket of names) await s3.createBucket({ Bucket });
      const all = await s3.listBuckets({ Prefix });
      expect(all.Buckets?.map(({ Name }) => Name)).toEqual(names);
      expect([all.Prefix, all.ContinuationToken]).toEqual([Prefix, undefined]);
      const first = await s3.listBuckets({ Prefix, MaxBuckets: 2 });
      expect(first.Buckets?.map(({ Name }) => Name)).toEqual(names.slice(0, 2));
      const { ContinuationToken } = first;
      const rest = await s3.listBuckets({ Prefix, MaxBuckets: 2, ContinuationToken });
      expect(rest.Buckets?.map(({ Name }) => Name)).toEqual(names.slice(2));
      expect(rest.ContinuationToken).toBeUndefined();
      expect(await codeOf(s3.listBuckets({ MaxBuckets: 0 }))).toBe('InvalidArgument');
      expect(await codeOf(s3.listBuckets({ ContinuationToken: '?' }))).toBe('InvalidArgument');
    });

    test('are made anew: one of the same name has nothing of the one before', async () => {
      const { s3 } = target();
      const Bucket = `again-${randomUUID()}`;
      for (let life = 0; life < 3; life += 1) {
        await s3.createBucket({ Bucket });
        expect((await s3.getBucketVersioning({ Bucket })).Status).toBeUndefined();
        expect(await codeOf(s3.getBucketTagging({ Bucket }))).toBe('NoSuchTagSet');
        await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
        await s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: 'life', Value: String(life) }] } });
        expect((await s3.getBucketVersioning({ Bucket })).Status).toBe('Enabled');
        expect((await s3.getBucketTagging({ Bucket })).TagSet).toHaveLength(1);
        await s3.deleteBucket({ Bucket });
      }
    });

    test('are made once, however many ask for one at a time', async () => {
      const { s3 } = target();
      const Bucket = `raced-${randomUUID()}`;
      const made = await Promise.allSettled(Array.from({ length: 8 }, () => s3.createBucket({ Bucket })));
      // In the region that these clients name, who owns a bucket may be told that it is made once more.
      expect(made.some(({ status }) => status === 'fulfilled')).toBe(true);
      await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
      const gone = await Promise.allSettled([
        s3.deleteBucket({ Bucket }),
        s3.putObject({ Bucket, Key: 'k', Body: 'y' }),
        s3.deleteObject({ Bucket, Key: 'k' }),
        s3.deleteBucket({ Bucket }),
      ]);
      const isThere = (await s3.listBuckets()).Buckets?.some(({ Name }) => Name === Bucket);
      const deleted = gone.some(({ status }, at) => status === 'fulfilled' && (at === 0 || at === 3));
      expect(isThere).toBe(!deleted);
      if (!isThere) return;
      await s3.deleteObject({ Bucket, Key: 'k' });
      await s3.deleteBucket({ Bucket });
    });

    test('have names that fit into a host name', async () => {
      const { s3 } = target();
      for (const Bucket of ['ab', 'Upper-case', 'under_score', 'x'.repeat(64)]) {
        expect(await codeOf(s3.createBucket({ Bucket }))).toBe('InvalidBucketName');
      }
    });

    test('are not made with wishes that cannot be granted', async () => {
      const { s3 } = target();
      const Bucket = `wished-${randomUUID()}`;
      const refused = 'InvalidBucketAclWithObjectOwnership';
      expect(await codeOf(s3.createBucket({ Bucket, ACL: 'public-read' }))).toBe(refused);
      expect(await codeOf(s3.createBucket({ Bucket, GrantRead: 'id=somebody' }))).toBe(refused);
      const shared = s3.createBucket({ Bucket, ObjectOwnership: 'ObjectWriter' });
      expect(await codeOf(shared)).toBe('NotImplemented');
      expect(await codeOf(s3.headBucket({ Bucket }))).toBe('NotFound');
      await s3.createBucket({ Bucket, ACL: 'private', ObjectOwnership: 'BucketOwnerEnforced' });
    });

    test('are made with tags', async () => {
      const { s3 } = target();
      const Bucket = `tagged-${randomUUID()}`;
      const Tags = [
        { Key: 'team', Value: 'a + b' },
        { Key: 'stage', Value: '' },
      ];
      const twice = { Bucket, CreateBucketConfiguration: { Tags: [...Tags, ...Tags] } };
      expect(await codeOf(s3.createBucket(twice))).toBe('InvalidTag');
      expect(await codeOf(s3.headBucket({ Bucket }))).toBe('NotFound');
      await s3.createBucket({ Bucket, CreateBucketConfiguration: { Tags } });
      expect((await s3.getBucketTagging({ Bucket })).TagSet).toEqual(Tags);
    });

    test('tell where they are', async () => {
      const { s3, bucket: Bucket } = target();
      await s3.getBucketLocation({ Bucket });
    });
  });
}
