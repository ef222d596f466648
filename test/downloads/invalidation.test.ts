import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openInvalidations } from '../../lib/downloads/cloudfront.ts';
import { invalidatedPaths, invalidationHandler } from '../../lib/downloads/invalidation.ts';
import type { Records } from '../../lib/records/port.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { changesBatch, type CloudFront, startCloudFront } from '../support/cloudfront.ts';
import { storeCredentials } from '../support/service.ts';

describe('changes in a bucket with a CDN', () => {
  let cloudFront: CloudFront;
  let records: Records;
  let folder: string;
  let handler: ReturnType<typeof invalidationHandler>;

  beforeEach(async () => {
    cloudFront = await startCloudFront();
    folder = await mkdtemp(join(tmpdir(), 'stowage-invalidation-'));
    records = await openSqliteRecords({ file: join(folder, 'records.sqlite'), now: () => new Date() });
    handler = invalidationHandler({
      records,
      invalidate: openInvalidations({
        distributionId: 'E1',
        credentials: storeCredentials,
        url: cloudFront.url,
      }),
      bucketOf: (name) => name.replace('in-storage-', ''),
      log: () => {},
    });
  });
  afterEach(async () => {
    await cloudFront.close();
    await records.close();
    await rm(folder, { recursive: true });
  });

  const bucket = 'in-storage-media';

  test('a key that is written for the first time is in no cache', async () => {
    await handler(changesBatch(['Object Created', bucket, 'a'], ['Object Created', bucket, 'b']));
    expect(cloudFront.invalidations).toEqual([]);
  });

  test('what is overwritten or deleted goes out, by each path that CloudFront may know it by', async () => {
    await handler(changesBatch(['Object Created', bucket, 'a b*é']));
    await handler(
      changesBatch(
        ['Object Created', bucket, 'a b*é'],
        ['Object Created', bucket, 'a b*é'],
        ['Object Deleted', bucket, 'c'],
        ['Object Tags Added', bucket, 'd'],
      ),
    );
    expect(cloudFront.invalidations).toEqual([
      ['/o/media/a%20b%2A%C3%A9', '/a%20b%2A%C3%A9', '/o/media/c', '/c'],
    ]);
  });

  test('comes again while CloudFront is busy', async () => {
    cloudFront.refuse(true);
    const batch = changesBatch(['Object Deleted', bucket, 'a']);
    await expect(handler(batch)).rejects.toThrow('TooManyInvalidationsInProgress');
    cloudFront.refuse(false);
    expect(await handler(batch)).toEqual({ batchItemFailures: [] });
    expect(cloudFront.invalidations).toHaveLength(1);
  });

  test('that cannot be read holds up no other', async () => {
    const { Records: good } = changesBatch(['Object Deleted', bucket, 'a']) as { Records: object[] };
    const batch = { Records: [...good, { messageId: 'bad', body: '{}' }] };
    expect(await handler(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: 'bad' }] });
    expect(cloudFront.invalidations).toHaveLength(1);
  });
});

test('a flood is one path, and stays within what CloudFront works on at once', () => {
  const keys = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ bucket: 'media', key: `${index}` }));
  expect(invalidatedPaths(keys(200))).toHaveLength(400);
  expect(invalidatedPaths(keys(201))).toEqual(['/*']);
});
