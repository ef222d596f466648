import { randomUUID } from 'node:crypto';
import type { ListObjectVersionsCommandOutput, S3 } from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, codeOf, type S3Target, useTarget } from './target.ts';

export function describeVersioning(start: () => Promise<S3Target>): void {
  describe('versioning', () => {
    const target = useTarget(start);

    async function bucketWith(Status: 'Enabled' | undefined) {
      const { s3 } = target();
      const Bucket = `versions-${randomUUID()}`;
      await s3.createBucket({ Bucket });
      if (Status) await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status } });
      return { s3, Bucket };
    }

    test('is off until it is enabled, and is then only suspended', async () => {
      const { s3, Bucket } = await bucketWith(undefined);
      const status = async () => (await s3.getBucketVersioning({ Bucket })).Status;
      expect(await status()).toBeUndefined();
      expect((await s3.putObject({ Bucket, Key: 'k', Body: 'x' })).VersionId).toBeUndefined();
      for (const Status of ['Enabled', 'Suspended'] as const) {
        await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status } });
        expect(await status()).toBe(Status);
      }
      expect((await s3.getObject({ Bucket, Key: 'k' })).VersionId).toBe('null');
    });

    test('keeps what is replaced, to be read, described and copied by its id', async () => {
      const { s3, Bucket } = await bucketWith('Enabled');
      const first = await s3.putObject({ Bucket, Key: 'k', Body: 'first', Tagging: 'n=1' });
      const second = await s3.putObject({ Bucket, Key: 'k', Body: 'second' });
      const { VersionId } = first;
      expect(second.VersionId).not.toBe(VersionId);
      expect(await s3.getObject({ Bucket, Key: 'k' })).toMatchObject({ VersionId: second.VersionId });
      const old = await s3.getObject({ Bucket, Key: 'k', VersionId });
      expect(await bytesOf(old)).toEqual(Buffer.from('first'));
      expect(old.VersionId).toBe(VersionId);
      expect(await s3.headObject({ Bucket, Key: 'k', VersionId })).toMatchObject({ ETag: first.ETag });
      const { TagSet } = await s3.getObjectTagging({ Bucket, Key: 'k', VersionId });
      expect(TagSet).toEqual([{ Key: 'n', Value: '1' }]);

      const CopySource = `${Bucket}/k?versionId=${VersionId}`;
      const copy = await s3.copyObject({ Bucket, Key: 'k', CopySource });
      expect(copy.CopySourceVersionId).toBe(VersionId);
      const current = await s3.getObject({ Bucket, Key: 'k' });
      expect([current.VersionId, await bytesOf(current)]).toEqual([copy.VersionId, Buffer.from('first')]);
    });

    test('gives completed uploads a version, too', async () => {
      const { s3, Bucket } = await bucketWith('Enabled');
      const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'k' });
      const { ETag } = await s3.uploadPart({ Bucket, Key: 'k', UploadId, PartNumber: 1, Body: 'x' });
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      const { VersionId } = await s3.completeMultipartUpload({ Bucket, Key: 'k', UploadId, MultipartUpload });
      expect(VersionId).toBeTruthy();
      expect((await s3.headObject({ Bucket, Key: 'k' })).VersionId).toBe(VersionId);
    });

    test('hides a deleted object behind a marker, whose removal brings it back', async () => {
      const { s3, Bucket } = await bucketWith('Enabled');
      await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
      const deletion = await s3.deleteObject({ Bucket, Key: 'k' });
      expect(deletion.DeleteMarker).toBe(true);
      const { VersionId } = deletion;
      expect(await codeOf(s3.getObject({ Bucket, Key: 'k' }))).toBe('NoSuchKey');
      expect((await s3.listObjectsV2({ Bucket })).KeyCount).toBe(0);
      await expect(s3.headObject({ Bucket, Key: 'k', VersionId })).rejects.toMatchObject({
        $metadata: { httpStatusCode: 405 },
      });
      expect(await codeOf(s3.getObject({ Bucket, Key: 'k', VersionId }))).toBe('MethodNotAllowed');
      const CopySource = `${Bucket}/k?versionId=${VersionId}`;
      expect(await codeOf(s3.copyObject({ Bucket, Key: 'copy', CopySource }))).toBe('InvalidRequest');
      const removal = await s3.deleteObject({ Bucket, Key: 'k', VersionId });
      expect(removal).toMatchObject({ DeleteMarker: true, VersionId });
      expect(await bytesOf(await s3.getObject({ Bucket, Key: 'k' }))).toEqual(Buffer.from('x'));
    });

    test('is told apart in deletions of many', async () => {
      const { s3, Bucket } = await bucketWith('Enabled');
      const { VersionId } = await s3.putObject({ Bucket, Key: 'a', Body: 'x' });
      await s3.putObject({ Bucket, Key: 'b', Body: 'x' });
      const Objects = [{ Key: 'a', VersionId }, { Key: 'b' }];
      const { Deleted = [] } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
      expect(Deleted).toMatchObject([
        { Key: 'a', VersionId },
        { Key: 'b', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) },
      ]);
      const { Versions, DeleteMarkers } = await s3.listObjectVersions({ Bucket });
      expect(Versions?.map(({ Key }) => Key)).toEqual(['b']);
      expect(DeleteMarkers?.map(({ Key }) => Key)).toEqual(['b']);
      expect(await codeOf(s3.deleteBucket({ Bucket }))).toBe('BucketNotEmpty');
    });

    test('deletes many but for a version that cannot be one', async () => {
      const { s3, Bucket } = await bucketWith('Enabled');
      const { VersionId } = await s3.putObject({ Bucket, Key: 'a', Body: 'x' });
      const Objects = [
        { Key: 'a', VersionId },
        { Key: 'a', VersionId: 'no <version>' },
      ];
      const { Deleted, Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
      expect(Deleted).toEqual([{ Key: 'a', VersionId }]);
      expect(Errors).toMatchObject([{ Key: 'a', VersionId: 'no <version>' }]);
      expect((await s3.listObjectVersions({ Bucket })).Versions).toBeUndefined();
    });

    test('refuses a version that is none', async () => {
      const { s3, Bucket } = await bucketWith('Enabled');
      const { VersionId } = await s3.putObject({ Bucket, Key: 'a', Body: 'x' });
      await s3.putObject({ Bucket, Key: 'b', Body: 'x' });
      expect(await codeOf(s3.getObject({ Bucket, Key: 'b', VersionId }))).toBe('NoSuchVersion');
      expect(await codeOf(s3.getObject({ Bucket, Key: 'b', VersionId: 'null' }))).toBe('NoSuchVersion');
    });

    test('lists behind a version that is gone', async () => {
      const { s3, Bucket } = await bucketWith('Enabled');
      for (const Body of ['1', '2', '3', '4']) await s3.putObject({ Bucket, Key: 'k', Body });
      const page = await s3.listObjectVersions({ Bucket, MaxKeys: 2 });
      for (const { VersionId } of page.Versions ?? []) await s3.deleteObject({ Bucket, Key: 'k', VersionId });
      const rest = await s3.listObjectVersions({
        Bucket,
        KeyMarker: page.NextKeyMarker,
        VersionIdMarker: page.NextVersionIdMarker,
      });
      expect(rest.Versions).toHaveLength(2);
    });

    test('does to any sequence of changes what the model says', { timeout: 60_000 }, async () => {
      const { s3 } = target();
      const change = fc.record({
        kind: fc.constantFrom('put', 'put', 'put', 'delete', 'removeVersion', 'Enabled', 'Suspended'),
        key: fc.constantFrom('a', 'a/b', 'b'),
        pick: fc.nat(),
      });
      const changes = fc.array(change, { minLength: 1, maxLength: 25 });
      await fc.assert(
        fc.asyncProperty(changes, fc.integer({ min: 1, max: 7 }), async (changes, pageSize) => {
          const Bucket = `model-${randomUUID()}`;
          await s3.createBucket({ Bucket });
          const model: ModelVersion[] = [];
          let status = 'Off';
          for (const { kind, key: Key, pick } of changes) {
            if (kind === 'Enabled' || kind === 'Suspended') {
              status = kind;
              await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: kind } });
            } else if (kind === 'removeVersion') {
              const [victim] = model.splice(pick % Math.max(model.length, 1), 1);
              if (victim) await s3.deleteObject({ Bucket, Key: victim.key, VersionId: victim.id });
            } else {
              const body = kind === 'delete' ? undefined : randomUUID();
              const { VersionId = '' } =
                body === undefined
                  ? await s3.deleteObject({ Bucket, Key })
                  : await s3.putObject({ Bucket, Key, Body: body });
              const id = status === 'Enabled' ? VersionId : 'null';
              const replaced = model.findIndex((version) => version.key === Key && version.id === id);
              if (replaced >= 0) model.splice(replaced, 1);
              if (status !== 'Off' || body !== undefined) model.unshift({ key: Key, id, body });
            }
          }
          await expectModel(s3, Bucket, model, pageSize);
        }),
        { numRuns: 25 },
      );
    });
  });
}

/** A version, or a delete marker where there is no body. In the model, the latest of all comes first. */
interface ModelVersion {
  readonly key: string;
  readonly id: string;
  readonly body: string | undefined;
}

async function expectModel(s3: S3, Bucket: string, model: readonly ModelVersion[], pageSize: number) {
  const expected = ['a', 'a/b', 'b'].flatMap((key) => model.filter((version) => version.key === key));
  const latest = new Map(model.toReversed().map((version) => [version.key, version]));
  const listed: string[] = [];
  for (let page: ListObjectVersionsCommandOutput | undefined; !page || page.IsTruncated;) {
    page = await s3.listObjectVersions({
      Bucket,
      MaxKeys: pageSize,
      KeyMarker: page?.NextKeyMarker,
      VersionIdMarker: page?.NextVersionIdMarker,
    });
    const { Versions = [], DeleteMarkers = [] } = page;
    for (const { Key = '', VersionId, IsLatest } of [...Versions, ...DeleteMarkers]) {
      listed.push(`${Key} ${VersionId}`);
      expect(IsLatest).toBe(latest.get(Key)?.id === VersionId);
    }
  }
  expect(listed.toSorted()).toEqual(expected.map(({ key, id }) => `${key} ${id}`).toSorted());

  for (const { key: Key, id: VersionId, body } of expected) {
    if (body === undefined) continue;
    expect((await bytesOf(await s3.getObject({ Bucket, Key, VersionId }))).toString()).toBe(body);
  }
  const visible = [...latest.values()].filter(({ body }) => body !== undefined);
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  expect(Contents.map(({ Key }) => Key)).toEqual(visible.map(({ key }) => key).toSorted());
  for (const { key: Key, body } of visible) {
    expect((await bytesOf(await s3.getObject({ Bucket, Key }))).toString()).toBe(body);
  }
}
