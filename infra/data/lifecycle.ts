import { Duration } from 'aws-cdk-lib';
import { type LifecycleRule as BucketLifecycleRule, StorageClass } from 'aws-cdk-lib/aws-s3';
import { configuredLifecycle } from '../../lib/config/bucket-lifecycle.ts';
import type { BucketRules } from '../../lib/config/schema.ts';

/** The lifecycle of a bucket in CloudFormation's form. */
export function lifecycleRules(rules: BucketRules): BucketLifecycleRule[] {
  return configuredLifecycle(rules).map((rule) => ({
    id: rule.id,
    ...(rule.prefix !== '' && { prefix: rule.prefix }),
    ...(rule.expireAfterDays !== undefined && { expiration: Duration.days(rule.expireAfterDays) }),
    ...(rule.transitions.length > 0 && {
      transitions: rule.transitions.map(({ storageClass, afterDays = 0 }) => ({
        storageClass: new StorageClass(storageClass),
        transitionAfter: Duration.days(afterDays),
      })),
    }),
    ...nonCurrentVersions(rule.noncurrentVersions),
    ...(rule.removeExpiredDeleteMarkers !== undefined && {
      expiredObjectDeleteMarker: rule.removeExpiredDeleteMarkers,
    }),
    ...(rule.abortUploadsAfterDays !== undefined && {
      abortIncompleteMultipartUploadAfter: Duration.days(rule.abortUploadsAfterDays),
    }),
  }));
}

function nonCurrentVersions(
  rule: ReturnType<typeof configuredLifecycle>[number]['noncurrentVersions'],
): Partial<BucketLifecycleRule> {
  if (rule?.expireAfterDays === undefined) return {};
  return {
    noncurrentVersionExpiration: Duration.days(rule.expireAfterDays),
    ...(rule.keepNewest !== undefined && { noncurrentVersionsToRetain: rule.keepNewest }),
  };
}
