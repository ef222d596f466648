import { describe, expect, test } from 'vitest';
import { bytesOf, codeOf } from '../acceptance/target.ts';
import { Bucket, day, useClockedStore } from './clocked-store.ts';

describe('an archived object', () => {
  const store = useClockedStore({ versioning: true });
  const hours = (count: number) => count / 24;

  async function archived(StorageClass: 'GLACIER' | 'DEEP_ARCHIVE' = 'GLACIER') {
    const { s3 } = store();
    const { VersionId } = await s3.putObject({ Bucket, Key: 'k', Body: 'archived', StorageClass });
    const restore = (Days: number, Tier?: 'Expedited' | 'Standard' | 'Bulk', version?: string) =>
      s3.restoreObject({
        Bucket,
        Key: 'k',
        VersionId: version,
        RestoreRequest: { Days, ...(Tier && { GlacierJobParameters: { Tier } }) },
      });
    return { s3, VersionId, restore };
  }

  test('can be described, listed and deleted, and not be read or copied', async () => {
    const { s3, VersionId } = await archived();
    expect(await s3.headObject({ Bucket, Key: 'k' })).toMatchObject({
      ContentLength: 8,
      StorageClass: 'GLACIER',
    });
    const { Contents } = await s3.listObjectsV2({ Bucket });
    expect(Contents?.map((it) => it.StorageClass)).toEqual(['GLACIER']);
    const refusal = await s3.getObject({ Bucket, Key: 'k' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      name: 'InvalidObjectState',
      StorageClass: 'GLACIER',
      $metadata: { httpStatusCode: 403 },
    });
    expect(await codeOf(s3.getObject({ Bucket, Key: 'k', VersionId, Range: 'bytes=0-1' }))).toBe(
      'InvalidObjectState',
    );
    const CopySource = `${Bucket}/k`;
    expect(await codeOf(s3.copyObject({ Bucket, Key: 'copy', CopySource }))).toBe('InvalidObjectState');
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'parts' });
    const part = { Bucket, Key: 'parts', UploadId, PartNumber: 1, CopySource };
    expect(await codeOf(s3.uploadPartCopy(part))).toBe('InvalidObjectState');
    await s3.deleteObject({ Bucket, Key: 'k', VersionId });
  });

  test('is read again while its restored copy is there', async () => {
    const { s3, restore } = await archived();
    const { pass, events } = store();
    events();
    const head = () => s3.headObject({ Bucket, Key: 'k' });
    expect((await head()).Restore).toBeUndefined();
    expect((await restore(2)).$metadata.httpStatusCode).toBe(202);
    expect((await head()).Restore).toBe('ongoing-request="true"');
    expect(await codeOf(restore(2))).toBe('RestoreAlreadyInProgress');
    await pass(hours(4.9));
    expect(await codeOf(s3.getObject({ Bucket, Key: 'k' }))).toBe('InvalidObjectState');
    await pass(hours(0.2));
    const until = /^ongoing-request="false", expiry-date="(?<date>.*)"$/.exec((await head()).Restore ?? '');
    const time = Date.parse(until?.groups?.['date'] ?? '');
    expect(time % day).toBe(0);
    expect(String(await bytesOf(await s3.getObject({ Bucket, Key: 'k' })))).toBe('archived');
    await s3.copyObject({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` });
    expect((await s3.headObject({ Bucket, Key: 'copy' })).Restore).toBeUndefined();
    await s3.getObject({ Bucket, Key: 'copy' });

    expect((await restore(4)).$metadata.httpStatusCode).toBe(200);
    expect((await head()).Restore).toBe(
      `ongoing-request="false", expiry-date="${new Date(time + 2 * day).toUTCString()}"`,
    );
    await pass(3);
    await s3.getObject({ Bucket, Key: 'k' });
    await pass(2);
    expect((await head()).Restore).toBeUndefined();
    expect(await codeOf(s3.getObject({ Bucket, Key: 'k' }))).toBe('InvalidObjectState');
    const object = { key: 'k', size: 8, 'version-id': expect.stringMatching(/^[\da-f]{32}$/) };
    expect(events().filter(({ reason }) => reason !== 'CopyObject')).toEqual([
      expect.objectContaining({
        type: 'Object Restore Initiated',
        object: expect.objectContaining(object),
        'source-storage-class': 'GLACIER',
        'source-ip-address': '127.0.0.1',
      }),
      expect.objectContaining({
        type: 'Object Restore Completed',
        object: expect.objectContaining(object),
        requester: 's3.amazonaws.com',
        'source-storage-class': 'GLACIER',
        'restore-expiry-time': new Date(time).toISOString().replace('.000Z', 'Z'),
      }),
      expect.objectContaining({ type: 'Object Restore Expired', object: expect.objectContaining(object) }),
    ]);
  });

  test.each([
    ['GLACIER', 'Expedited', 0.1],
    ['GLACIER', 'Bulk', 12.1],
    ['DEEP_ARCHIVE', 'Standard', 12.1],
    ['DEEP_ARCHIVE', 'Bulk', 48.1],
  ] as const)('of %s is back by %s within %d hours', async (storageClass, tier, within) => {
    const { s3, restore } = await archived(storageClass);
    await restore(1, tier);
    await store().pass(hours(within / 2));
    expect((await s3.headObject({ Bucket, Key: 'k' })).Restore).toBe('ongoing-request="true"');
    await store().pass(hours(within / 2));
    expect((await s3.headObject({ Bucket, Key: 'k' })).Restore).toContain('ongoing-request="false"');
  });

  test('is restored by version, also where another one is current', async () => {
    const { s3, VersionId, restore } = await archived();
    await s3.putObject({ Bucket, Key: 'k', Body: 'newer' });
    expect(await codeOf(restore(1))).toBe('InvalidObjectState');
    await restore(1, 'Expedited', VersionId);
    await store().pass(hours(1));
    expect(String(await bytesOf(await s3.getObject({ Bucket, Key: 'k', VersionId })))).toBe('archived');
    await store().pass(3);
    expect(await codeOf(s3.getObject({ Bucket, Key: 'k', VersionId }))).toBe('InvalidObjectState');
  });

  test('is not restored by a request that is none', async () => {
    const { s3, restore } = await archived('DEEP_ARCHIVE');
    expect(await codeOf(restore(0))).toBe('InvalidArgument');
    expect(await codeOf(restore(1, 'Expedited'))).toBe('InvalidArgument');
    const request = { Bucket, RestoreRequest: { Days: 1 } };
    expect(await codeOf(s3.restoreObject({ ...request, Key: 'none' }))).toBe('NoSuchKey');
    expect(await codeOf(s3.restoreObject({ Bucket, Key: 'k', RestoreRequest: {} }))).toBe('MalformedXML');
  });
});
