import { S3 } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { Queue } from '../../../../lib/queue/port.ts';
import { region, storeCredentials } from '../../../support/service.ts';
import { type Cloud, resourcesOf } from '../cloud.ts';
import { dig } from '../dig.ts';
import { propertiesOf } from '../resolve.ts';
import type { FunctionUnderItsRole } from './under-its-role.ts';

/**
 * Lets a function hear of objects that are good, that are not what was announced, and that are gone, in a bucket with
 * versions and in one without; of what fails for now, and of what is no event.
 */
export async function tellOfEverything(
  { invoke, s3Url, openQueue }: FunctionUnderItsRole,
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
    s3.destroy();
  }
}

/** Sends messages by the queue, as Lambda hands them over: one at a time. @returns those that have to come again */
async function comingAgain(
  invoke: FunctionUnderItsRole['invoke'],
  queue: Queue,
  bodies: readonly string[],
): Promise<readonly string[]> {
  const again: string[] = [];
  for (const body of bodies) {
    await queue.send([{ body }]);
    const [message] = await queue.receive({ limit: 1, leaseSeconds: 3600, waitSeconds: 5 });
    const { result } = await invoke({
      Records: [
        {
          messageId: message?.id,
          receiptHandle: message?.receipt,
          body: message?.body,
          attributes: { ApproximateReceiveCount: String(message?.attempts) },
        },
      ],
    });
    const failures: readonly unknown[] = Object(dig(result, 'batchItemFailures'));
    if (!message) continue;
    if (failures.length > 0) {
      again.push(body);
      // Not now: the next one has to come first.
      await queue.extend(message, 3600);
    } else {
      // As Lambda does, also where the function has set it aside already.
      await queue.done(message).catch(() => undefined);
    }
  }
  return again;
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
