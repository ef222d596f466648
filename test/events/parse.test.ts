import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ObjectChange } from '../../lib/events/object-event.ts';
import { parseObjectEvents, UnreadableEventError } from '../../lib/events/parse.ts';
import { eventBridge, notification, s3Record } from './messages.ts';

const time = new Date('2026-11-23T12:00:00Z');

describe("EventBridge's shape", () => {
  test('an object that was created', () => {
    const message = eventBridge(
      'Object Created',
      {
        size: 5,
        etag: 'b1946ac92492d2347c6235b4d2611184',
        'version-id': 'v1',
        sequencer: '617F08299329D189',
        checksum: { algorithm: 'crc32', value: 'AAAAAA==' },
        'content-type': 'text/plain',
        metadata: { 'stowage-upload': 'mark', 'stowage-announced': '5 9f86d081' },
      },
      { reason: 'PutObject' },
    );
    expect(parseObjectEvents(message)).toEqual([
      {
        id: expect.stringMatching(/^evt_[\w-]{32}$/),
        type: 'object.created',
        time,
        bucket: 'files-1a2b',
        key: 'a/ä + b.txt',
        versionId: 'v1',
        sizeBytes: 5,
        etag: 'b1946ac92492d2347c6235b4d2611184',
        checksum: { algorithm: 'crc32', value: 'AAAAAA==' },
        sequencer: '617f08299329d189',
        reason: 'PutObject',
        principal: '111122223333',
        requestId: 'REQ1',
        contentType: 'text/plain',
        upload: { marker: 'mark', announced: '5 9f86d081' },
      },
    ]);
  });

  test.each<[string, object, object, Partial<ObjectChange>]>([
    [
      'Object Deleted',
      { sequencer: '61' },
      { reason: 'DeleteObject', 'deletion-type': 'Delete Marker Created' },
      { type: 'object.deleted', deletion: 'marker', reason: 'DeleteObject', sizeBytes: undefined },
    ],
    [
      'Object Deleted',
      {},
      {
        reason: 'Lifecycle Expiration',
        'deletion-type': 'Permanently Deleted',
        requester: 's3.amazonaws.com',
      },
      {
        type: 'object.deleted',
        deletion: 'permanent',
        reason: 'Lifecycle Expiration',
        principal: 's3.amazonaws.com',
      },
    ],
    [
      'Object Restore Initiated',
      {},
      { 'source-storage-class': 'GLACIER' },
      { type: 'object.restore_initiated' },
    ],
    [
      'Object Restore Completed',
      { size: 5 },
      { 'source-storage-class': 'GLACIER', 'restore-expiry-time': '2026-11-24T00:00:00Z' },
      {
        type: 'object.restore_completed',
        storageClass: 'GLACIER',
        restoredUntil: new Date('2026-11-24T00:00:00Z'),
      },
    ],
    ['Object Restore Expired', {}, {}, { type: 'object.restore_expired' }],
    ['Object Tags Added', {}, {}, { type: 'object.tags_added' }],
    ['Object Tags Deleted', {}, {}, { type: 'object.tags_deleted' }],
    ['Object ACL Updated', {}, {}, { type: 'object.acl_updated' }],
    [
      'Object Storage Class Changed',
      {},
      { 'destination-storage-class': 'GLACIER_IR' },
      { type: 'object.storage_class_changed', storageClass: 'GLACIER_IR' },
    ],
    [
      'Object Access Tier Changed',
      {},
      { 'destination-access-tier': 'ARCHIVE_ACCESS' },
      { type: 'object.access_tier_changed' },
    ],
  ])('%s', (detailType, object, detail, expected) => {
    const [event] = parseObjectEvents(eventBridge(detailType, object, detail));
    expect(event).toMatchObject(expected);
  });

  test('a type of a later minor version is passed over', () => {
    expect(
      parseObjectEvents(eventBridge('Object Annotation Created', {}, { 'event-version': '1.9' })),
    ).toEqual([]);
  });

  test('a bucket gets the name that it has in stowage.json', () => {
    const names = new Map([['files-1a2b', 'files']]);
    const [event] = parseObjectEvents(eventBridge('Object Created'), (name) => names.get(name) ?? name);
    expect(event?.bucket).toBe('files');
  });
});

describe("S3's older shape", () => {
  const sequencer = '0055AED6DCD90281E5';

  test.each<[string, Partial<ObjectChange>]>([
    ['ObjectCreated:Put', { type: 'object.created', reason: 'PutObject' }],
    ['s3:ObjectCreated:Post', { type: 'object.created', reason: 'POST Object' }],
    ['ObjectCreated:Copy', { type: 'object.created', reason: 'CopyObject' }],
    ['ObjectCreated:CompleteMultipartUpload', { type: 'object.created', reason: 'CompleteMultipartUpload' }],
    ['ObjectRemoved:Delete', { type: 'object.deleted', reason: 'DeleteObject', deletion: 'permanent' }],
    [
      'ObjectRemoved:DeleteMarkerCreated',
      { type: 'object.deleted', reason: 'DeleteObject', deletion: 'marker' },
    ],
    [
      'LifecycleExpiration:Delete',
      { type: 'object.deleted', reason: 'Lifecycle Expiration', deletion: 'permanent' },
    ],
    [
      'LifecycleExpiration:DeleteMarkerCreated',
      { type: 'object.deleted', reason: 'Lifecycle Expiration', deletion: 'marker' },
    ],
    ['ObjectLifecycle:Expiration:Current', { type: 'object.deleted', reason: 'Lifecycle Expiration' }],
    ['ObjectLifecycle:Expiration:Noncurrent', { type: 'object.deleted', deletion: 'permanent' }],
    ['ObjectRestore:Post', { type: 'object.restore_initiated' }],
    ['ObjectRestore:Completed', { type: 'object.restore_completed' }],
    ['ObjectRestore:Delete', { type: 'object.restore_expired' }],
    ['ObjectTagging:Put', { type: 'object.tags_added' }],
    ['ObjectTagging:Delete', { type: 'object.tags_deleted' }],
    ['ObjectAcl:Put', { type: 'object.acl_updated' }],
    ['LifecycleTransition', { type: 'object.storage_class_changed' }],
    ['IntelligentTiering', { type: 'object.access_tier_changed' }],
  ])('%s', (eventName, expected) => {
    const object = { size: 1024, eTag: '"d41d"', versionId: 'v1', sequencer };
    expect(parseObjectEvents(notification(s3Record(eventName, object)))).toMatchObject([
      {
        ...expected,
        time: new Date('2026-11-23T12:00:00.123Z'),
        bucket: 'files',
        key: 'key',
        versionId: 'v1',
        sizeBytes: 1024,
        etag: 'd41d',
        sequencer: sequencer.toLowerCase(),
        principal: 'AWS:AIDAEXAMPLE',
        requestId: 'REQ1',
      },
    ]);
  });

  test("a restored object's class and time", () => {
    const glacierEventData = {
      restoreEventData: {
        lifecycleRestorationExpiryTime: '2026-12-01T00:00:00.000Z',
        lifecycleRestoreStorageClass: 'DEEP_ARCHIVE',
      },
    };
    expect(
      parseObjectEvents(notification(s3Record('ObjectRestore:Completed', {}, { glacierEventData }))),
    ).toMatchObject([{ storageClass: 'DEEP_ARCHIVE', restoredUntil: new Date('2026-12-01T00:00:00Z') }]);
  });

  test('MinIO: a prefixed name, an encoded key, metadata', () => {
    const record = s3Record(
      's3:ObjectCreated:Put',
      {
        key: 'photos%2Fmy+summer%2B1.jpg',
        size: 84452,
        contentType: 'image/jpeg',
        userMetadata: { 'X-Amz-Meta-Stowage-Upload': 'mark', 'content-type': 'image/jpeg' },
        sequencer: '15D0E42E371475D9',
      },
      { eventSource: 'minio:s3' },
    );
    const message = JSON.stringify({ EventName: 's3:ObjectCreated:Put', Key: 'files/x', Records: [record] });
    expect(parseObjectEvents(message)).toMatchObject([
      {
        key: 'photos/my summer+1.jpg',
        contentType: 'image/jpeg',
        upload: { marker: 'mark' },
        sequencer: '15d0e42e371475d9',
      },
    ]);
  });

  test('Ceph RGW: a bare key, a size in digits, empty texts, metadata, and a sequencer turned round', () => {
    const record = s3Record(
      'ObjectCreated:Put',
      {
        key: 'a+b%20c',
        size: '1024',
        versionId: '',
        sequencer: 'F7E6D75DC742D108',
        metadata: [{ key: 'x-amz-meta-stowage-upload', val: 'mark' }],
        tags: [],
      },
      { eventSource: 'ceph:s3', eventTime: '2019-11-22T13:47:35.124724Z' },
    );
    const [event] = parseObjectEvents(notification(record));
    expect(event).toMatchObject({ key: 'a+b%20c', sizeBytes: 1024, upload: { marker: 'mark' } });
    expect(event?.versionId).toBeUndefined();
    const seconds = Number.parseInt(event?.sequencer?.slice(0, 8) ?? '', 16);
    expect(new Date(seconds * 1000)).toEqual(new Date('2019-11-22T13:47:35Z'));
  });

  test('what changes no object is passed over', () => {
    const names = ['ObjectAccessed:Get', 'ObjectCreated:PutRetention', 'ObjectLifecycle:Expiration:AbortMPU'];
    expect(parseObjectEvents(notification(...names.map((name) => s3Record(name))))).toEqual([]);
    expect(parseObjectEvents('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"files"}')).toEqual([]);
  });

  test('several records keep their order', () => {
    const keys = ['c', 'a', 'b'];
    const message = notification(...keys.map((key) => s3Record('ObjectRemoved:Delete', { key })));
    expect(parseObjectEvents(message).map(({ key }) => key)).toEqual(keys);
  });
});

test('every key comes back from the encoding of forms, and as it is through EventBridge', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
      const encoded = new URLSearchParams({ key }).toString().slice('key='.length);
      const [older] = parseObjectEvents(notification(s3Record('ObjectCreated:Put', { key: encoded })));
      const [newer] = parseObjectEvents(eventBridge('Object Created', { key }));
      expect([older?.key, newer?.key]).toEqual([key, key]);
    }),
  );
});

describe('a message that cannot be read', () => {
  test.each([
    ['no JSON', '<xml/>'],
    [
      'another service',
      '{"detail-type":"EC2 Instance State-change Notification","time":"2026-11-23T12:00:00Z"}',
    ],
    ['another major version', eventBridge('Object Created', {}, { 'event-version': '2.0' })],
    ['no time', notification(s3Record('ObjectCreated:Put', {}, { eventTime: 'yesterday' }))],
    ['a negative size', eventBridge('Object Created', { size: -1 })],
    ['a sequencer that is no number', eventBridge('Object Created', { sequencer: 'later' })],
    ['a key that is not encoded', notification(s3Record('ObjectCreated:Put', { key: '100%' }))],
    ['a key that is no UTF-8', notification(s3Record('ObjectCreated:Put', { key: '%ff' }))],
  ])('%s', (_, message) => {
    expect(() => parseObjectEvents(message)).toThrow(UnreadableEventError);
  });

  test('whatever it holds, is refused as such', () => {
    fc.assert(
      fc.property(fc.json(), (message) => {
        try {
          expect(parseObjectEvents(message)).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableEventError);
        }
      }),
    );
  });
});
