import { xmlDocument, xmlElement } from '../../storage/xml.ts';
import { refuseAcls } from '../attributes.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Call, Operation, Services } from '../call.ts';
import type { Bucket } from '../index/buckets.ts';
import { Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { maxBucketTags, readTagSet, type Tags, tagSetElement } from '../tags.ts';
import { checkOwnership, enforced } from './owner.ts';

/** @throws {@link Refusal} `NoSuchBucket` */
export function bucketOf({ index }: Pick<Services, 'index'>, { bucket }: Pick<Call, 'bucket'>): Bucket {
  const found = index.buckets.find(bucket);
  if (!found) throw new Refusal('NoSuchBucket', undefined, { BucketName: bucket });
  return found;
}

export const createBucket: Operation = async (services, call) => {
  refuseAcls(call.headers, 'InvalidBucketAclWithObjectOwnership');
  checkOwnership(call.headers.get('x-amz-object-ownership') ?? enforced);
  const configuration =
    call.headers.get('content-length') === undefined
      ? undefined
      : await readXml(services, call, readRequestedChecksum(call.headers));
  const constraint = configuration?.value('LocationConstraint') || services.region;
  if (constraint !== services.region) throw new Refusal('InvalidLocationConstraint');
  const locks = call.headers.get('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true';
  const tagSet = configuration?.child('Tags');
  const tags = tagSet ? readTagSet(tagSet, maxBucketTags) : {};
  await addBucket(services, call.bucket, { locks, tags });
  return { status: 200, headers: { location: `/${call.bucket}` } };
};

const newLockConfiguration = xmlDocument(
  xmlElement('ObjectLockConfiguration', [xmlElement('ObjectLockEnabled', 'Enabled')]),
);

/** What a bucket has from its first moment on. */
interface NewBucket {
  readonly locks: boolean;
  readonly tags: Tags;
}

/** @throws {@link Refusal} where the name is not valid, or taken */
export async function addBucket(
  { index, now }: Pick<Services, 'index' | 'now'>,
  name: string,
  { locks, tags }: NewBucket = { locks: false, tags: {} },
): Promise<void> {
  if (!isBucketName(name)) throw new Refusal('InvalidBucketName', undefined, { BucketName: name });
  await index.commit(() => {
    if (index.buckets.find(name)) {
      throw new Refusal('BucketAlreadyOwnedByYou', undefined, { BucketName: name });
    }
    index.buckets.add(name, now().getTime());
    const { id } = bucketOf({ index }, { bucket: name });
    if (Object.keys(tags).length > 0) {
      index.settings.put(id, 'tagging', xmlDocument(xmlElement('Tagging', [tagSetElement(tags)])));
    }
    if (!locks) return;
    index.buckets.setVersioning(id, 'Enabled');
    index.settings.put(id, 'object-lock', newLockConfiguration);
  });
}

export const headBucket: Operation = (services, call) => {
  bucketOf(services, call);
  return { status: 200, headers: { 'x-amz-bucket-region': services.region } };
};

export const getBucketLocation: Operation = (services, call) => {
  bucketOf(services, call);
  // The oldest region has no name here.
  return xmlReply('LocationConstraint', services.region === 'us-east-1' ? '' : services.region);
};

export const deleteBucket: Operation = async (services, call) => {
  const { index, blobs } = services;
  const freed = await index.commit(() => {
    const bucket = bucketOf(services, call);
    if (!index.buckets.isEmpty(bucket.id)) {
      throw new Refusal('BucketNotEmpty', undefined, { BucketName: call.bucket });
    }
    const contents = [...index.uploads.after(bucket.id, '', '')].map(({ key, id, contentId }) => {
      index.uploads.remove(bucket.id, key, id);
      return index.contents.free(contentId);
    });
    index.buckets.remove(bucket.id);
    return contents;
  });
  for (const content of freed) blobs.free(content);
  return { status: 204 };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function isBucketName(name: string): boolean {
  return (
    /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/.test(name) && !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name)
  );
}
