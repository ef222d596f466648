import type { LifecycleRule } from '../../lifecycle/rule.ts';
import type { StoredObject } from '../index/objects.ts';

/** What a lifecycle looks at. */
export type LifecycleVersion = Pick<
  StoredObject,
  'key' | 'sizeBytes' | 'tags' | 'modifiedAt' | 'storageClass' | 'isDeleteMarker' | 'lock'
>;

/** Whether a rule speaks of a version. One that goes by tags or sizes speaks of objects, and a delete marker is none. */
export function matches(
  rule: LifecycleRule,
  { key, tags, sizeBytes, isDeleteMarker }: LifecycleVersion,
): boolean {
  if (!key.startsWith(rule.prefix)) return false;
  const wanted = Object.entries(rule.tags);
  const { sizeGreaterThanBytes: above = -1, sizeLessThanBytes: below = Infinity } = rule;
  if (isDeleteMarker) return wanted.length === 0 && above === -1 && below === Infinity;
  return (
    wanted.every(([name, value]) => Object.hasOwn(tags, name) && tags[name] === value) &&
    sizeBytes > above &&
    sizeBytes < below
  );
}
