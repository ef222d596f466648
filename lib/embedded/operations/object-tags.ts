import { xmlElement } from '../../storage/xml.ts';
import type { Operation } from '../call.ts';
import { xmlReply } from '../respond.ts';
import { objectToRead, readVersionId, versionHeader } from '../versions.ts';
import { bucketOf } from './buckets.ts';

export const getObjectTagging: Operation = (services, call) => {
  const bucket = bucketOf(services, call);
  const object = objectToRead(services, bucket, call.key, readVersionId(call));
  const tags = Object.entries(object.tags).map(([name, value]) =>
    xmlElement('Tag', [xmlElement('Key', name), xmlElement('Value', value)]),
  );
  return xmlReply('Tagging', [xmlElement('TagSet', tags)], versionHeader(bucket, object));
};
