import type { LifecycleRule } from '../../../lib/lifecycle/rule.ts';

/**
 * What S3's documentation says of lifecycles, written down as slowly and as plainly as can be: for one key with all of
 * its versions at once, by asking of each possible action whether anything allows it.
 */

export interface OracleVersion {
  readonly key: string;
  readonly sizeBytes: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly storageClass: string;
  readonly isDeleteMarker: boolean;
  readonly isLocked: boolean;
}

export type Verdict = 'stays' | 'expires' | 'goes' | `to ${string}`;

const classes = [
  'STANDARD',
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
];

/**
 * @param versions - the latest first
 * @param now - milliseconds since 1970
 * @param day - how long a day is, in milliseconds
 */
export function verdicts(
  rules: readonly LifecycleRule[],
  versions: readonly OracleVersion[],
  {
    versioned,
    archivesSmall,
    now,
    day,
  }: { versioned: boolean; archivesSmall: boolean; now: number; day: number },
): Verdict[] {
  return versions.map((version, position): Verdict => {
    const candidates: { verdict: Verdict; when: number; sized: boolean }[] = [];
    const newer = versions[position - 1];
    for (const rule of rules) {
      const sized = rule.sizeGreaterThanBytes !== undefined || rule.sizeLessThanBytes !== undefined;
      if (!rule.enabled || !applies(rule, version)) continue;
      const add = (verdict: Verdict, when: number) => candidates.push({ verdict, when, sized });
      const expiry = timeOf(rule.expireAfterDays, rule.expireAt, version.modifiedAt, day);
      if (!newer && version.isDeleteMarker && versions.length === 1) {
        add('goes', rule.removeExpiredDeleteMarkers ? 0 : expiry);
      }
      if (!newer && !version.isDeleteMarker) {
        add('expires', expiry);
        for (const { afterDays, at, storageClass } of rule.transitions) {
          add(`to ${storageClass}`, timeOf(afterDays, at, version.modifiedAt, day));
        }
      }
      const { noncurrentVersions } = rule;
      if (!newer || !noncurrentVersions) continue;
      const newerNoncurrent = position - 1;
      const { expireAfterDays, keepNewest = 0, transitions } = noncurrentVersions;
      if (newerNoncurrent >= keepNewest && !version.isLocked) {
        add('goes', timeOf(expireAfterDays, undefined, newer.modifiedAt, day));
      }
      for (const { afterDays, keepNewest = 0, storageClass } of transitions) {
        if (newerNoncurrent < keepNewest || version.isDeleteMarker) continue;
        add(`to ${storageClass}`, timeOf(afterDays, undefined, newer.modifiedAt, day));
      }
    }
    const due = candidates.filter(({ when }) => when <= now);
    const says = (verdict: Verdict) => due.some((it) => it.verdict === verdict);
    if (says('goes')) return 'goes';
    if (says('expires') && !versioned) return 'expires';
    for (const storageClass of classes.toReversed()) {
      const allowed = due.filter(({ verdict, sized }) => {
        if (verdict !== `to ${storageClass}`) return false;
        const isArchive = storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE';
        return version.sizeBytes >= 131_072 || sized || (archivesSmall && isArchive);
      });
      if (allowed.length > 0 && waterfall(version.storageClass).includes(storageClass)) {
        return `to ${storageClass}`;
      }
    }
    return says('expires') ? 'expires' : 'stays';
  });
}

function applies(rule: LifecycleRule, version: OracleVersion): boolean {
  const tags = Object.entries(rule.tags);
  if (!version.key.startsWith(rule.prefix)) return false;
  if (version.isDeleteMarker) {
    return (
      tags.length +
        Number(rule.sizeGreaterThanBytes !== undefined) +
        Number(rule.sizeLessThanBytes !== undefined) ===
      0
    );
  }
  for (const [name, value] of tags) if (version.tags[name] !== value) return false;
  if (rule.sizeGreaterThanBytes !== undefined && version.sizeBytes <= rule.sizeGreaterThanBytes) return false;
  if (rule.sizeLessThanBytes !== undefined && version.sizeBytes >= rule.sizeLessThanBytes) return false;
  return true;
}

/** By steps of a day, to the first midnight that is later than the whole of them. */
function timeOf(days: number | undefined, at: string | undefined, from: number, day: number): number {
  if (at !== undefined) return Date.parse(at);
  if (days === undefined) return Infinity;
  const end = from + days * day;
  return end - (end % day) + day;
}

/** The table of the documentation: which class may become which. */
function waterfall(from: string): string[] {
  const table: Record<string, string[]> = {
    STANDARD_IA: ['INTELLIGENT_TIERING', 'ONEZONE_IA', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'],
    INTELLIGENT_TIERING: ['ONEZONE_IA', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'],
    ONEZONE_IA: ['GLACIER', 'DEEP_ARCHIVE'],
    GLACIER_IR: ['GLACIER', 'DEEP_ARCHIVE'],
    GLACIER: ['DEEP_ARCHIVE'],
    DEEP_ARCHIVE: [],
  };
  return table[from] ?? classes.slice(1);
}
