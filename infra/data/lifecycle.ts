import { Duration } from 'aws-cdk-lib';
import { type LifecycleRule as BucketLifecycleRule, StorageClass } from 'aws-cdk-lib/aws-s3';
import type { BucketRules, LifecycleRule } from '../../lib/config/schema.ts';

const nonCurrentVersionDays = 30;
const nonCurrentVersionsKept = 3;

/** The lifecycle of a bucket in S3's form: the rules of `stowage.json`, and the housekeeping that every bucket has. */
export function lifecycleRules(rules: BucketRules): BucketLifecycleRule[] {
  return [
    {
      id: 'abandoned-uploads',
      abortIncompleteMultipartUploadAfter: Duration.days(rules.abandonedUploadDays),
    },
    ...(rules.versioning ? [nonCurrentVersions] : []),
    ...rules.lifecycle.map(configuredRule),
  ];
}

const nonCurrentVersions: BucketLifecycleRule = {
  id: 'non-current-versions',
  noncurrentVersionExpiration: Duration.days(nonCurrentVersionDays),
  noncurrentVersionsToRetain: nonCurrentVersionsKept,
  // A delete marker with nothing behind it is only a stone in the way of every listing.
  expiredObjectDeleteMarker: true,
};

function configuredRule(
  { prefix, expireAfterDays, transitionAfterDays, storageClass }: LifecycleRule,
  index: number,
): BucketLifecycleRule {
  return {
    id: `stowage-json-${index}`,
    ...(prefix !== '' && { prefix }),
    ...(expireAfterDays !== undefined && { expiration: Duration.days(expireAfterDays) }),
    ...(transitionAfterDays !== undefined &&
      storageClass !== undefined && {
        transitions: [
          {
            storageClass: new StorageClass(storageClass),
            transitionAfter: Duration.days(transitionAfterDays),
          },
        ],
      }),
  };
}
