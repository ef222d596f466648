import type { LifecycleRule } from '../lifecycle/rule.ts';
import type { BucketRules } from './schema.ts';

const nonCurrentVersionDays = 30;
const nonCurrentVersionsKept = 3;

/**
 * The lifecycle that `stowage.json` asks for: the rules that stand there, and the housekeeping that every bucket has.
 * AWS gets it by the template, every other storage from the process.
 */
export function configuredLifecycle(rules: BucketRules): LifecycleRule[] {
  return [
    { ...anyObject, id: 'abandoned-uploads', abortUploadsAfterDays: rules.abandonedUploadDays },
    ...(rules.versioning ? [nonCurrentVersions] : []),
    ...rules.lifecycle.map(
      ({ prefix, expireAfterDays, transitionAfterDays, storageClass }, index): LifecycleRule => ({
        ...anyObject,
        id: `stowage-json-${index}`,
        prefix,
        ...(expireAfterDays !== undefined && { expireAfterDays }),
        ...(storageClass && { transitions: [{ afterDays: transitionAfterDays ?? 0, storageClass }] }),
      }),
    ),
  ];
}

/** Whether a rule of this id is the configuration's, or would be taken for one. */
export function isConfiguredId(id: string): boolean {
  return /^(?:abandoned-uploads|non-current-versions|stowage-json-\d+)$/.test(id);
}

const anyObject = { enabled: true, prefix: '', tags: {}, transitions: [] } as const;

const nonCurrentVersions: LifecycleRule = {
  ...anyObject,
  id: 'non-current-versions',
  noncurrentVersions: {
    expireAfterDays: nonCurrentVersionDays,
    keepNewest: nonCurrentVersionsKept,
    transitions: [],
  },
  // A delete marker with nothing behind it is only a stone in the way of every listing.
  removeExpiredDeleteMarkers: true,
};
