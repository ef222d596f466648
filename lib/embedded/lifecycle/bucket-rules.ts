import { readLifecycle } from '../../lifecycle/read-lifecycle.ts';
import { type LifecycleRule, withId } from '../../lifecycle/rule.ts';
import { parseXml } from '../../storage/xml.ts';
import type { Services } from '../call.ts';
import type { Bucket } from '../index/buckets.ts';
import type { BucketLifecycle } from './decide.ts';

/** The settings of a bucket that a lifecycle is made of. */
export const settingNames = { rules: 'lifecycle', smallObjects: 'lifecycle-small-objects' } as const;

/** The default is not to move small objects, whatever the class. */
export const smallObjectPolicies = ['all_storage_classes_128K', 'varies_by_storage_class'] as const;

/** The lifecycle of a bucket; nothing where it has none. */
export function lifecycleOf(
  { index }: Pick<Services, 'index'>,
  { id, versioning }: Bucket,
): BucketLifecycle | undefined {
  const document = index.settings.find(id, settingNames.rules);
  if (document === undefined) return undefined;
  return {
    rules: rulesIn(document),
    keepsVersions: versioning !== 'Off',
    archivesSmallObjects: index.settings.find(id, settingNames.smallObjects) === 'varies_by_storage_class',
  };
}

/** Documents change seldom, and their rules are asked for by every read of an object. */
const known = new Map<string, readonly LifecycleRule[]>();
const maxKnown = 1000;

function rulesIn(document: string): readonly LifecycleRule[] {
  const earlier = known.get(document);
  if (earlier) return earlier;
  const rules = readLifecycle(parseXml(document)).map((rule) => withId(rule, () => ''));
  if (known.size >= maxKnown) known.clear();
  known.set(document, rules);
  return rules;
}
