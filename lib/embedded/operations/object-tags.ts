import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation, Services, SignedCall } from '../call.ts';
import { causeOf, type EventType, recordEvent } from '../events.ts';
import { xmlReply } from '../respond.ts';
import { maxObjectTags, readTagDocument, type Tags, tagSetElement } from '../tags.ts';
import { changeVersion, objectToRead, readVersionId, versionHeader } from '../versions.ts';
import { bucketOf } from './buckets.ts';

export const getObjectTagging: Operation = (services, call) => {
  const bucket = bucketOf(services, call);
  const object = objectToRead(services, bucket, call.key, readVersionId(call));
  return xmlReply('Tagging', [tagSetElement(object.tags)], versionHeader(bucket, object));
};

export const putObjectTagging: Operation = async (services, call) => {
  const document = await readXml(services, call, readRequestedChecksum(call.headers));
  const tags = readTagDocument(document, maxObjectTags);
  const headers = await setTags(services, call, tags, 'Object Tags Added', 'PutObjectTagging');
  return { status: 200, headers };
};

export const deleteObjectTagging: Operation = async (services, call) => {
  const headers = await setTags(services, call, {}, 'Object Tags Deleted', 'DeleteObjectTagging');
  return { status: 204, headers };
};

/** Gives the header that names the version. */
async function setTags(
  services: Services,
  call: SignedCall,
  tags: Tags,
  type: EventType,
  reason: string,
): Promise<Record<string, string>> {
  const versionId = readVersionId(call);
  const cause = causeOf(call, call.accessKeyId, reason);
  return services.index.commit(() => {
    const bucket = bucketOf(services, call);
    const version = { ...objectToRead(services, bucket, call.key, versionId), tags };
    changeVersion(services, bucket, version);
    recordEvent(services, { type, bucket, version, cause });
    return versionHeader(bucket, version);
  });
}
