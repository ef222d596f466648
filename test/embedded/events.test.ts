import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseObjectEvents } from '../../lib/events/parse.ts';
import { startStore } from './server.ts';

const Bucket = 'files';
let dataDir = '';
let running: Awaited<ReturnType<typeof startStore>>;
let s3: S3;

async function start(versioning: boolean): Promise<void> {
  running = await startStore({ dataDir, versioning });
  const { endpoint, region, credentials } = running;
  s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
}

async function stop(): Promise<void> {
  s3.destroy();
  await running.stop();
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-events-'));
});
afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true });
});

const recorded = (after = 0, limit = 100) => running.store.events.read(after, limit);

/** Type and reason of every event kept. */
const summary = () => recorded().map(({ event }) => `${event['detail-type']}: ${event.detail.reason}`);

test('every change has its event, and what is refused has none', async () => {
  await start(false);
  await s3.putObject({ Bucket, Key: 'a', Body: 'x' });
  await s3.putObject({ Bucket, Key: 'a', Body: 'y', IfNoneMatch: '*' }).catch(() => undefined);
  await s3.copyObject({ Bucket, Key: 'b', CopySource: `${Bucket}/a` });
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'c' });
  const { ETag } = await s3.uploadPart({ Bucket, Key: 'c', UploadId, PartNumber: 1, Body: 'x' });
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.completeMultipartUpload({ Bucket, Key: 'c', UploadId, MultipartUpload });
  await s3.completeMultipartUpload({ Bucket, Key: 'c', UploadId, MultipartUpload });
  await s3.deleteObject({ Bucket, Key: 'a' });
  await s3.deleteObject({ Bucket, Key: 'a' });
  await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: 'b' }, { Key: 'never' }] } });
  expect(summary()).toEqual([
    'Object Created: PutObject',
    'Object Created: CopyObject',
    'Object Created: CompleteMultipartUpload',
    'Object Deleted: DeleteObject',
    'Object Deleted: DeleteObject',
  ]);
});

test('an event has the shape that EventBridge gives it', async () => {
  await start(true);
  const { VersionId, ETag, $metadata } = await s3.putObject({ Bucket, Key: 'ä b', Body: 'hello' });
  await s3.deleteObject({ Bucket, Key: 'ä b' });
  await s3.deleteObject({ Bucket, Key: 'ä b', VersionId });
  const [created, hidden, deleted] = recorded().map(({ event }) => event);
  expect(created).toEqual({
    version: '0',
    id: expect.stringMatching(/^[\da-f-]{36}$/),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '000000000000',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    region: 'us-east-1',
    resources: ['arn:aws:s3:::files'],
    detail: {
      version: '0',
      bucket: { name: Bucket },
      object: {
        key: 'ä b',
        size: 5,
        etag: ETag?.replaceAll('"', ''),
        'version-id': VersionId,
        checksum: { algorithm: 'crc32', value: 'NhCmhg==' },
        'content-type': 'application/octet-stream',
        metadata: {},
        sequencer: expect.stringMatching(/^[\dA-F]{16}$/),
      },
      'request-id': $metadata.requestId,
      requester: running.credentials.accessKeyId,
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    },
  });
  expect(hidden?.detail['deletion-type']).toBe('Delete Marker Created');
  expect(deleted?.detail['deletion-type']).toBe('Permanently Deleted');
  expect(deleted?.detail.object['version-id']).toBe(VersionId);
});

test('the reader of events understands them, with what Stowage adds to S3’s', async () => {
  await start(true);
  const Metadata = { 'stowage-upload': 'mark', 'stowage-tenant': 'ä', other: 'stays where it is' };
  const what = { ContentType: 'text/plain', Metadata, ChecksumAlgorithm: 'SHA256' } as const;
  const put = await s3.putObject({ Bucket, Key: 'k', Body: 'hello', ...what });
  await s3.putObjectTagging({ Bucket, Key: 'k', Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } });
  await s3.deleteObjectTagging({ Bucket, Key: 'k' });
  await s3.deleteObject({ Bucket, Key: 'k' });
  const changes = recorded().flatMap(({ event }) => parseObjectEvents(JSON.stringify(event)));
  expect(changes).toMatchObject([
    {
      type: 'object.created',
      key: 'k',
      sizeBytes: 5,
      versionId: put.VersionId,
      contentType: 'text/plain',
      upload: { marker: 'mark', tenant: 'ä' },
      checksum: { algorithm: 'sha256', value: put.ChecksumSHA256 },
    },
    { type: 'object.tags_added', versionId: put.VersionId },
    { type: 'object.tags_deleted', versionId: put.VersionId },
    { type: 'object.deleted', deletion: 'marker' },
  ]);
});

test('events are read in order and in pages, kept over a restart, and gone when acknowledged', async () => {
  await start(false);
  for (const Key of ['1', '2', '3', '4']) await s3.putObject({ Bucket, Key, Body: Key });
  await stop();
  await start(false);
  const [first, second] = recorded(0, 2);
  expect(second?.event.detail.object.key).toBe('2');
  const rest = recorded(second?.sequence);
  expect(rest.map(({ event }) => event.detail.object.key)).toEqual(['3', '4']);
  const sequencers = recorded().map(({ event }) => event.detail.object.sequencer);
  expect(sequencers.toSorted()).toEqual(sequencers);

  await running.store.events.acknowledge(second?.sequence ?? 0);
  expect(recorded(first?.sequence).map(({ event }) => event.detail.object.key)).toEqual(['3', '4']);
  await running.store.events.acknowledge(rest.at(-1)?.sequence ?? 0);
  await s3.putObject({ Bucket, Key: '5', Body: 'x' });
  expect(recorded()[0]?.sequence).toBe(5);
});
