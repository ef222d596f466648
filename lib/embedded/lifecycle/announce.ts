import type { LifecycleRule } from '../../lifecycle/rule.ts';
import type { Services } from '../call.ts';
import type { Bucket } from '../index/buckets.ts';
import type { StoredObject } from '../index/objects.ts';
import type { Upload } from '../index/uploads.ts';
import { lifecycleOf } from './bucket-rules.ts';
import { dueAfterDays } from './days.ts';
import { matches } from './matching.ts';

/** The headers that tell when a lifecycle will end something, and by which rule. */

type Context = Pick<Services, 'index' | 'dayMilliseconds'>;

interface End {
  readonly rule: LifecycleRule;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** `x-amz-expiration` of a current version, where a rule will make it expire. */
export function expirationHeader(
  services: Context,
  bucket: Bucket,
  version: StoredObject,
): Record<string, string> {
  const end = soonest(services, bucket, (rule) => {
    if (!matches(rule, version)) return undefined;
    if (rule.expireAt !== undefined) return Date.parse(rule.expireAt);
    if (rule.expireAfterDays === undefined) return undefined;
    return dueAfterDays(version.modifiedAt, rule.expireAfterDays, services.dayMilliseconds);
  });
  if (!end) return {};
  return {
    'x-amz-expiration': `expiry-date="${httpDate(end)}", rule-id="${encodeURIComponent(end.rule.id)}"`,
  };
}

/** `x-amz-abort-date` and its rule, of an upload that a rule will abort unless it is completed. */
export function abortHeaders(
  services: Context,
  bucket: Bucket,
  { key, initiatedAt }: Upload,
): Record<string, string> {
  const end = soonest(services, bucket, ({ prefix, abortUploadsAfterDays }) =>
    abortUploadsAfterDays !== undefined && key.startsWith(prefix)
      ? dueAfterDays(initiatedAt, abortUploadsAfterDays, services.dayMilliseconds)
      : undefined,
  );
  if (!end) return {};
  return { 'x-amz-abort-date': httpDate(end), 'x-amz-abort-rule-id': encodeURIComponent(end.rule.id) };
}

function soonest(
  services: Context,
  bucket: Bucket,
  endBy: (rule: LifecycleRule) => number | undefined,
): End | undefined {
  const rules = lifecycleOf(services, bucket)?.rules ?? [];
  const ends = rules.flatMap((rule): End[] => {
    const at = rule.enabled ? endBy(rule) : undefined;
    return at === undefined || at > lastTime ? [] : [{ rule, at }];
  });
  return ends.toSorted((a, b) => a.at - b.at)[0];
}

/** Where JavaScript's calendar ends: a rule may count more days. */
const lastTime = 8.64e15;

function httpDate({ at }: End): string {
  return new Date(at).toUTCString();
}
