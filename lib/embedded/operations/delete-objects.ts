import { xmlElement, type XmlNode } from '../../storage/xml.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation, Services } from '../call.ts';
import type { Bucket } from '../index/buckets.ts';
import type { FreedContent } from '../index/contents.ts';
import { Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { checkWrite } from '../conditions.ts';
import { bucketOf } from './buckets.ts';

const maxKeys = 1000;

/** Deleting what is not there succeeds, too. */
export const deleteObject: Operation = async (services, call) => {
  const { index, blobs } = services;
  const freed = await index.commit(() => {
    const bucket = bucketOf(services, call);
    if (call.headers.has('if-match')) checkWrite(call.headers, index.objects.find(bucket.id, call.key));
    return removeObject(services, bucket, call.key);
  });
  await blobs.free(freed);
  return { status: 204 };
};

export const deleteObjects: Operation = async (services, call) => {
  const { index, blobs } = services;
  bucketOf(services, call);
  const request = await readXml(services, call, readRequestedChecksum(call.headers));
  const keys = readKeys(request);
  const isQuiet = request?.value('Quiet') === 'true';
  const freed = await index.commit(() => {
    const bucket = bucketOf(services, call);
    return keys.map((key) => removeObject(services, bucket, key));
  });
  for (const content of freed) await blobs.free(content);
  return xmlReply(
    'DeleteResult',
    isQuiet ? [] : keys.map((key) => xmlElement('Deleted', [xmlElement('Key', key)])),
  );
};

function readKeys(request: XmlNode | undefined): string[] {
  const keys = request?.name === 'Delete' ? request.all('Object').map((object) => object.value('Key')) : [];
  const valid = keys.flatMap((key) => key || []);
  if (valid.length !== keys.length || keys.length === 0 || keys.length > maxKeys) {
    throw new Refusal('MalformedXML');
  }
  return valid;
}

function removeObject({ index }: Services, bucket: Bucket, key: string): FreedContent | undefined {
  const object = index.objects.find(bucket.id, key);
  if (!object) return undefined;
  index.objects.remove(bucket.id, key);
  return index.contents.free(object.contentId);
}
