import { S3 } from '@aws-sdk/client-s3';
import { afterEach, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import type { ObjectEvent } from '../../lib/events/object-event.ts';
import { createSubscribers } from '../../lib/events/subscribers.ts';
import { noQueue } from '../../lib/queue/none.ts';
import { quarantinePrefix } from '../../lib/quarantine/reserved-prefix.ts';
import { customEndpoint } from '../../lib/storage/endpoint.ts';
import { createStorage } from '../../lib/storage/storage.ts';
import { openTestService, region, storeCredentials, type TestService } from '../support/service.ts';

const Bucket = 'files';
let service: TestService;
let s3: S3;

async function open(rules: object = {}, quotas: readonly object[] = []): Promise<void> {
  service = await openTestService({ buckets: { files: rules }, quotas });
  s3 = new S3({ endpoint: service.s3Url, region, credentials: storeCredentials, forcePathStyle: true });
}

afterEach(async () => {
  s3.destroy();
  await service.stop();
});

async function announce(key: string, sizeBytes: number, more: object = {}) {
  const response = await service.call('POST', '/v1/uploads', { bucket: Bucket, key, sizeBytes, ...more });
  const { uploadId, put }: { uploadId: string; put: { url: string; headers: Record<string, string> } } =
    await response.json();
  return {
    uploadId,
    send: async (body: string) => fetch(put.url, { method: 'PUT', headers: put.headers, body }),
  };
}

async function keys(): Promise<string[]> {
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  return Contents.map(({ Key = '' }) => Key);
}

async function textOf(Key: string): Promise<string | undefined> {
  return (await s3.getObject({ Bucket, Key })).Body?.transformToString();
}

/** An object that storage has taken although it is not what the upload had announced. */
async function putOther(Key: string, announced: string, Body: string): Promise<void> {
  const Metadata = { 'stowage-upload': '009999999999-mark', 'stowage-announced': announced };
  await s3.putObject({ Bucket, Key, Body, Metadata, ContentType: 'text/plain' });
}
/** Seven bytes of text/plain. */
const sevenBytes = '7 dc239330';

test('an upload that nobody completes is counted all the same', async () => {
  await open({}, [{ tenant: '*', bucket: Bucket, maxBytes: 100 }]);
  const { send } = await announce('a', 5);
  expect((await send('hello')).status).toBe(200);
  await service.tellEvents();
  const { usage } = await (await service.call('GET', '/v1/usage')).json();
  expect(usage).toEqual([
    { tenant: '', bucket: Bucket, bytes: 5, objects: 1, reservedBytes: 0, maxBytes: 100 },
  ]);
  expect(await keys()).toEqual(['a']);
});

/** Who confirms uploads, while storage does not answer. */
function confirmAlone() {
  const storage = createStorage({
    endpoint: customEndpoint('http://127.0.0.1:1'),
    region,
    credentials: storeCredentials,
  });
  const { records, record: log, now } = service;
  const config = parseConfig({ buckets: { files: {} } });
  const subscribers = createSubscribers({ config, storage, records, deliveries: noQueue(), log, now });
  const confirm = subscribers.find(({ name }) => name === 'confirm');
  if (!confirm) throw new Error('nobody confirms');
  return confirm.onEvent;
}

test('storage is asked only for what an event does not tell', async () => {
  await open();
  const checksum = { algorithm: 'sha256', value: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=' };
  const { send } = await announce('a', 5, { checksum });
  expect((await send('hello')).status).toBe(200);
  const confirm = confirmAlone();
  const [event] = service.untoldEvents();
  if (!event) throw new Error('there is no event');
  await confirm(event);
  await confirm({ ...event, upload: null });
  const untold: readonly Partial<ObjectEvent>[] = [
    { upload: undefined },
    { contentType: undefined },
    { contentType: 'text/html' },
    { sizeBytes: 6 },
    { checksum: undefined },
  ];
  for (const less of untold) await expect(confirm({ ...event, ...less })).rejects.toThrow(/./);
});

test('what arrives by the address of an aborted upload is moved away, and only an admin gets at it', async () => {
  await open();
  const { uploadId, send } = await announce('a', 5);
  expect((await service.call('DELETE', `/v1/uploads/${uploadId}`)).status).toBe(204);
  await send('hello');
  await service.tellEvents();
  const [moved = '', ...others] = await keys();
  expect([moved.startsWith(quarantinePrefix), moved.endsWith('/a'), others]).toEqual([true, true, []]);
  expect(await textOf(moved)).toBe('hello');
  const grants = [{ bucket: Bucket, prefix: '', actions: ['read', 'write', 'delete', 'list'] }];
  const { token } = await (
    await service.call('POST', '/v1/tokens', { sub: 'reader', grants, expiresInSeconds: 60 })
  ).json();
  expect((await service.call('GET', `/v1/objects/${Bucket}/${moved}`, undefined, token)).status).toBe(403);
  expect((await service.call('GET', `/v1/objects/${Bucket}/${moved}`)).status).toBe(200);
});

test('an upload that arrived before it was aborted stays', async () => {
  await open();
  const { uploadId, send } = await announce('a', 5);
  await send('hello');
  expect((await service.call('DELETE', `/v1/uploads/${uploadId}`)).status).toBe(204);
  await service.tellEvents();
  expect(await keys()).toEqual(['a']);
});

test.each([
  ['of another size', sevenBytes, 'bytes', 'It has 5 bytes, not 7.'],
  ['of another type', '5 00000000', 'bytes', 'Its type text/plain was not announced.'],
  ['with another checksum', '5 dc239330 crc32:AAAAAA==', 'bytes', 'Its crc32 is'],
])(
  'an object %s than announced is quarantined, with the reason on record',
  async (_, announced, body, reason) => {
    await open();
    const Metadata = { 'stowage-upload': '009999999999-mark', 'stowage-announced': announced };
    await s3.putObject({
      Bucket,
      Key: 'a',
      Body: body,
      Metadata,
      ContentType: 'text/plain',
      ChecksumAlgorithm: 'CRC32',
    });
    await service.tellEvents();
    expect(await keys()).toEqual([expect.stringContaining(quarantinePrefix)]);
    const { records } = await service.records.list(`quarantine/${Bucket}`, { limit: 10 });
    expect(records.map(({ value }) => value)).toEqual([
      expect.objectContaining({ key: 'a', sizeBytes: 5, reason: expect.stringContaining(reason) }),
    ]);
  },
);

test('a bucket can leave it in its place, with a tag beside those that it has', async () => {
  await open({ quarantine: 'tag' });
  const Metadata = { 'stowage-upload': '009999999999-mark', 'stowage-announced': sevenBytes };
  await s3.putObject({ Bucket, Key: 'a', Body: 'bytes', Metadata, Tagging: 'colour=red' });
  await service.tellEvents();
  expect(await keys()).toEqual(['a']);
  const { TagSet } = await s3.getObjectTagging({ Bucket, Key: 'a' });
  expect(TagSet).toEqual(
    expect.arrayContaining([
      { Key: 'colour', Value: 'red' },
      { Key: 'stowage-quarantine', Value: 'true' },
    ]),
  );
});

test('where versions are kept, the one before is the current one again', async () => {
  await open({ versioning: true });
  await s3.putObject({ Bucket, Key: 'a', Body: 'good' });
  await putOther('a', sevenBytes, 'wrong');
  await service.tellEvents();
  expect(await textOf('a')).toBe('good');
  expect((await keys()).filter((key) => key.startsWith(quarantinePrefix))).toHaveLength(1);
});

test('an object that has taken its place meanwhile stays, and so does a copy', async () => {
  await open();
  await putOther('a', sevenBytes, 'wrong');
  await s3.putObject({ Bucket, Key: 'a', Body: 'good' });
  await s3.copyObject({ Bucket, Key: 'b', CopySource: `${Bucket}/a` });
  await service.tellEvents();
  expect(await keys()).toEqual(['a', 'b']);
});

test('the longest key has room in quarantine, too', async () => {
  await open();
  await putOther('ä'.repeat(512), sevenBytes, 'wrong');
  await service.tellEvents();
  const [moved = ''] = await keys();
  expect([moved.startsWith(quarantinePrefix), Buffer.byteLength(moved) <= 1024]).toEqual([true, true]);
});
