import { describe, expect, test } from 'vitest';
import { parseObjectEvents } from '../../../lib/events/parse.ts';
import { blobFiles } from '../server.ts';
import { Bucket, useClockedStore } from './clocked-store.ts';

const nothing = { examined: 0, expired: 0, removed: 0, moved: 0, aborted: 0 };
const large = Buffer.alloc(200_000, 'x');

describe('in a bucket without versions', () => {
  const store = useClockedStore({ versioning: false });

  test('objects go when their days are over, and not before, as prefix, tags and size say', async () => {
    const { s3, put, pass, versions, running } = store();
    await s3.putObject({ Bucket, Key: 'tmp/small', Body: 'x', Tagging: 'kind=log' });
    await s3.putObject({ Bucket, Key: 'tmp/large', Body: large, Tagging: 'kind=log' });
    await s3.putObject({ Bucket, Key: 'tmp/other', Body: large, Tagging: 'kind=image' });
    await s3.putObject({ Bucket, Key: 'kept', Body: large, Tagging: 'kind=log' });
    await put({
      Filter: { And: { Prefix: 'tmp/', Tags: [{ Key: 'kind', Value: 'log' }], ObjectSizeGreaterThan: 1 } },
      Expiration: { Days: 3 },
    });
    expect(await pass(3)).toEqual({ ...nothing, examined: 3 });
    expect(await pass(1)).toEqual({ ...nothing, examined: 3, expired: 1 });
    expect(await versions()).toEqual(['kept 200000', 'tmp/other 200000', 'tmp/small 1']);
    expect(await blobFiles(running.dataDir)).toHaveLength(2);
    expect(await pass(30)).toEqual({ ...nothing, examined: 2 });
  });

  test('what expires is told as S3 tells it', async () => {
    const { s3, put, pass, events } = store();
    await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
    await put({ Expiration: { Days: 1 } });
    events();
    await pass(2);
    const [event, ...others] = events();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: 'Object Deleted',
      bucket: { name: Bucket },
      object: { key: 'k', size: 1 },
      reason: 'Lifecycle Expiration',
      'deletion-type': 'Permanently Deleted',
      requester: 's3.amazonaws.com',
      'request-id': expect.stringMatching(/^[\dA-F]{16}$/),
    });
    expect(event).not.toHaveProperty('source-ip-address');
  });

  test('objects move to the lowest class that is due, small ones only where a rule speaks of sizes', async () => {
    const { s3, put, pass, events } = store();
    const classOf = async (Key: string) => (await s3.headObject({ Bucket, Key })).StorageClass ?? 'STANDARD';
    await s3.putObject({ Bucket, Key: 'large', Body: large });
    await s3.putObject({ Bucket, Key: 'small', Body: 'x' });
    const Transitions = [
      { Days: 30, StorageClass: 'STANDARD_IA' as const },
      { Days: 90, StorageClass: 'GLACIER_IR' as const },
    ];
    await put({ Transitions });
    const { LastModified, ETag } = await s3.headObject({ Bucket, Key: 'large' });
    events();
    expect(await pass(31)).toMatchObject({ moved: 1 });
    expect(await classOf('large')).toBe('STANDARD_IA');
    expect(await classOf('small')).toBe('STANDARD');
    const [event] = events();
    expect(event).toMatchObject({
      type: 'Object Storage Class Changed',
      object: { key: 'large' },
      'destination-storage-class': 'STANDARD_IA',
      requester: 's3.amazonaws.com',
    });
    expect(await s3.headObject({ Bucket, Key: 'large' })).toMatchObject({ LastModified, ETag });
    expect(await pass(1)).toMatchObject({ moved: 0 });
    await put({ Transitions, Filter: { ObjectSizeGreaterThan: 0 } });
    expect(await pass(60)).toMatchObject({ moved: 2 });
    expect([await classOf('large'), await classOf('small')]).toEqual(['GLACIER_IR', 'GLACIER_IR']);
  });

  test('unfinished uploads are aborted with all that they hold', async () => {
    const { s3, put, pass, running } = store();
    const begin = async (Key: string) => {
      const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
      await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body: large });
    };
    await Promise.all(Array.from({ length: 30 }, (_, at) => begin(`a/${at}`)));
    await begin('b');
    await put({ Filter: { Prefix: 'a/' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } });
    expect(await pass(2)).toMatchObject({ aborted: 0 });
    await begin('a/late');
    expect(await pass(1)).toMatchObject({ aborted: 30 });
    const { Uploads } = await s3.listMultipartUploads({ Bucket });
    expect(Uploads?.map(({ Key }) => Key)).toEqual(['a/late', 'b']);
    expect(await blobFiles(running.dataDir)).toHaveLength(2);
  });

  test('a rule that is off, or that has been taken away, does nothing', async () => {
    const { s3, put, pass, versions } = store();
    await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
    await put({ Status: 'Disabled', Expiration: { Days: 1 } });
    expect(await pass(9)).toEqual(nothing);
    await put({ Expiration: { Days: 1 } });
    await s3.deleteBucketLifecycle({ Bucket });
    expect(await pass(9)).toEqual(nothing);
    expect(await versions()).toEqual(['k 1']);
  });

  test('overlapping prefixes are looked at once, and keys beside them not at all', async () => {
    const { s3, put, pass } = store();
    for (const Key of ['a', 'b/1', 'b/c/2', 'b0', 'd', 'e/3', 'f'])
      await s3.putObject({ Bucket, Key, Body: 'x' });
    await put(
      { Filter: { Prefix: 'b/' }, Expiration: { Days: 9 } },
      { Filter: { Prefix: 'e' }, Expiration: { Days: 1 } },
      { Filter: { Prefix: 'b/c/' }, Expiration: { Days: 9 } },
    );
    expect(await pass(2)).toEqual({ ...nothing, examined: 3, expired: 1 });
  });
});

describe('in a bucket with versions', () => {
  const store = useClockedStore({ versioning: true });

  test('an object ends under a marker, then its versions go, then the marker', async () => {
    const { s3, put, pass, versions, events } = store();
    await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
    await s3.putObject({ Bucket, Key: 'k', Body: 'xx' });
    await put({
      Expiration: { Days: 5 },
      NoncurrentVersionExpiration: { NoncurrentDays: 10 },
    });
    events();
    expect(await pass(6)).toMatchObject({ expired: 1, removed: 0 });
    expect(await versions()).toEqual(['k -', 'k 1', 'k 2']);
    expect(await pass(5)).toMatchObject({ removed: 1 });
    expect(await versions()).toEqual(['k -', 'k 2']);
    expect(await pass(6)).toMatchObject({ removed: 1 });
    expect(await versions()).toEqual(['k -']);
    expect(await pass(1)).toMatchObject({ removed: 1 });
    expect(await versions()).toEqual([]);
    expect(events().map((event) => event['deletion-type'])).toEqual([
      'Delete Marker Created',
      'Permanently Deleted',
      'Permanently Deleted',
      'Permanently Deleted',
    ]);
  });

  test('the newest versions stay, however old, also where a key has hundreds', async () => {
    const { s3, put, pass, running } = store();
    const count = 130;
    await Promise.all(Array.from({ length: count }, () => s3.putObject({ Bucket, Key: 'k', Body: 'x' })));
    await s3.putObject({ Bucket, Key: 'l', Body: 'x' });
    const ids = async () => {
      const { Versions = [] } = await s3.listObjectVersions({ Bucket, Prefix: 'k' });
      return Versions.map(({ VersionId }) => VersionId);
    };
    const before = await ids();
    await put({ NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 3 } });
    expect(await pass(2)).toMatchObject({ examined: count + 1, removed: count - 4 });
    expect(await ids()).toEqual(before.slice(0, 4));
    expect((await running.store.scrub()).checked).toBe(5);
  });

  test('a marker with nothing behind it goes where a rule says so, and no other one', async () => {
    const { s3, put, pass, versions } = store();
    await s3.deleteObject({ Bucket, Key: 'alone' });
    await s3.putObject({ Bucket, Key: 'hidden', Body: 'x' });
    await s3.deleteObject({ Bucket, Key: 'hidden' });
    await put({ Expiration: { ExpiredObjectDeleteMarker: true } });
    expect(await pass(0)).toMatchObject({ removed: 1 });
    expect(await versions()).toEqual(['hidden -', 'hidden 1']);
  });

  test('a suspended bucket loses its null version to the marker, and nothing else', async () => {
    const { s3, put, pass, versions } = store();
    await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Suspended' } });
    await s3.putObject({ Bucket, Key: 'null', Body: 'x' });
    await s3.putObject({ Bucket, Key: 'both', Body: 'x' });
    await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
    await s3.putObject({ Bucket, Key: 'both', Body: 'xx' });
    await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Suspended' } });
    // The null version of `both` is due, too, but is gone by then.
    await put({ Expiration: { Days: 1 }, NoncurrentVersionExpiration: { NoncurrentDays: 1 } });
    await pass(2);
    expect(await versions()).toEqual(['both -', 'both 2', 'null -']);
  });

  test('the reader of events knows each of them', async () => {
    const { s3, put, pass, running } = store();
    await s3.putObject({ Bucket, Key: 'k', Body: large });
    await put({
      Transitions: [{ Days: 1, StorageClass: 'GLACIER' }],
      Expiration: { Days: 5 },
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    });
    await pass(2);
    await s3.restoreObject({ Bucket, Key: 'k', RestoreRequest: { Days: 1 } });
    await pass(1);
    await pass(2);
    await pass(2);
    await pass(9);
    await pass(1);
    const seen = running.store.events
      .read(0, 100)
      .flatMap(({ event }) => parseObjectEvents(JSON.stringify(event)))
      .map(({ type, reason, deletion, storageClass }) =>
        [type, reason ?? deletion ?? storageClass].join(' '),
      );
    expect(seen).toEqual([
      'object.created PutObject',
      'object.storage_class_changed GLACIER',
      'object.restore_initiated GLACIER',
      'object.restore_completed GLACIER',
      'object.restore_expired ',
      'object.deleted Lifecycle Expiration',
      'object.deleted Lifecycle Expiration',
      'object.deleted Lifecycle Expiration',
    ]);
  });
});
