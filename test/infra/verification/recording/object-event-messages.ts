import { S3 } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { region, storeCredentials } from '../../../support/service.ts';
import { type Cloud, resourcesOf } from '../cloud.ts';
import { dig } from '../dig.ts';
import { propertiesOf } from '../resolve.ts';
import { comingAgain } from './coming-again.ts';
import type { FunctionUnderItsRole } from './under-its-role.ts';
import { unreachableWebhook } from './unreachable-webhook.ts';

/**
 * Lets a function hear of objects that are good, that are not what was announced, and that are gone, in a bucket with
 * versions and in one without; of what fails for now, and of what is no event. A webhook wants to know of all of it.
 */
export async function tellOfEverything(
  { invoke, s3Url, openQueue, openRecords }: FunctionUnderItsRole,
  cloud: Cloud,
  quarantine: 'move' | 'tag',
): Promise<void> {
  const s3 = new S3({
    endpoint: s3Url,
    region: regionOf(cloud),
    credentials: storeCredentials,
    forcePathStyle: true,
  });
  const queue = openQueue();
  const records = openRecords?.();
  if (records) await unreachableWebhook(records);
  const messages: string[] = [];
  const tell = (type: string, bucket: string, object: object) => messages.push(eventOf(type, bucket, object));
  try {
    for (const Bucket of bucketNames(cloud)) {
      const Metadata = { 'stowage-upload': '009999999999-mark', 'stowage-announced': '7 00000000' };
      const wrong = await s3.putObject({ Bucket, Key: 'wrong', Body: 'wrong', Metadata });
      const good = await s3.putObject({ Bucket, Key: 'good', Body: 'good' });
      for (const [key, { ETag = '', VersionId }] of Object.entries({ wrong, good })) {
        tell('Object Created', Bucket, { key, etag: ETag.replaceAll('"', ''), 'version-id': VersionId });
      }
    }
    expect(await comingAgain(invoke, queue, [...messages, 'no event'])).toEqual([]);
    expect(await queue.deadLetters()).toEqual([{ body: 'no event', reason: 'The message is not JSON.' }]);
    for (const Bucket of bucketNames(cloud)) {
      const { Contents = [] } = await s3.listObjectsV2({ Bucket });
      const isInPlace = Contents.some(({ Key }) => Key === 'wrong');
      expect([Contents.length, isInPlace]).toEqual([2, quarantine === 'tag']);
      // Gone past the service, so that the count is taken back.
      const { Versions: [version] = [] } = await s3.listObjectVersions({ Bucket, Prefix: 'good' });
      const VersionId = version?.VersionId === 'null' ? undefined : version?.VersionId;
      await s3.deleteObject({ Bucket, Key: 'good', ...(VersionId !== undefined && { VersionId }) });
      const gone = eventOf('Object Deleted', Bucket, { key: 'good', 'version-id': VersionId });
      expect(await comingAgain(invoke, queue, [gone])).toEqual([]);
      if (VersionId === undefined) continue;
      const failing = eventOf('Object Created', Bucket, { key: 'good', 'version-id': 'no version' });
      expect(await comingAgain(invoke, queue, [failing])).toEqual([failing]);
    }
  } finally {
    await queue.close();
    await records?.close();
    s3.destroy();
  }
}

function eventOf(type: string, bucket: string, object: object): string {
  return JSON.stringify({
    'detail-type': type,
    time: new Date().toISOString(),
    detail: { bucket: { name: bucket }, object: { sequencer: '01', ...object }, reason: 'PutObject' },
  });
}

function bucketNames(cloud: Cloud): readonly string[] {
  const [worker] = resourcesOf(cloud, 'AWS::Lambda::Function')
    .map((placed) => propertiesOf(placed, cloud))
    .filter(({ Handler }) => Handler === 'object-events.handler');
  return Object.values(
    JSON.parse(String(dig(worker, 'Environment', 'Variables', 'STOWAGE_S3_BUCKET_NAMES'))),
  );
}

function regionOf({ stacks }: Cloud): string {
  return stacks[0]?.region ?? region;
}
