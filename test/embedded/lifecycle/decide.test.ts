import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { decide, type LifecycleAction, type Place } from '../../../lib/embedded/lifecycle/decide.ts';
import { type LifecycleRule, withId } from '../../../lib/lifecycle/rule.ts';
import { lifecycleRules } from '../../../lib/lifecycle/schema.ts';
import { type OracleVersion, type Verdict, verdicts } from './oracle.ts';

const day = 86_400_000;

const days = fc.integer({ min: 1, max: 9 });
const transitions = fc.array(
  fc.record({
    afterDays: fc.integer({ min: 0, max: 9 }),
    storageClass: fc.constantFrom('INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'),
  }),
  { minLength: 1, maxLength: 2 },
);
const keepNewest = fc.constantFrom(undefined, 1, 2, 3);
const noncurrentVersions = fc.oneof(
  fc.record({ expireAfterDays: days, keepNewest }),
  fc.record({
    transitions: fc.tuple(
      fc.record({
        afterDays: fc.integer({ min: 0, max: 9 }),
        keepNewest,
        storageClass: fc.constantFrom('GLACIER_IR', 'DEEP_ARCHIVE'),
      }),
    ),
  }),
);
const filter = fc.record({
  enabled: fc.constantFrom(true, true, true, false),
  prefix: fc.constantFrom('', 'a', 'a/', 'b'),
  tags: fc.constantFrom({}, {}, { x: '1' }, { x: '1', y: '2' }),
  sizeGreaterThanBytes: fc.constantFrom(undefined, undefined, 0, 100, 200_000),
  sizeLessThanBytes: fc.constantFrom(undefined, undefined, 50, 100_000),
});
const actions = fc.oneof(
  fc.record({ expireAfterDays: days }),
  fc.record({ expireAt: fc.constantFrom('1970-01-25T00:00:00Z', '1970-02-01T00:00:00Z') }),
  fc.record({ removeExpiredDeleteMarkers: fc.boolean() }),
  fc.record({ transitions }),
  fc.record({ transitions, expireAfterDays: fc.integer({ min: 10, max: 12 }) }),
  fc.record({ noncurrentVersions }),
  fc.record({ noncurrentVersions, expireAfterDays: days }),
);

/** Rules of all kinds, as far as S3 takes them. */
const rules: fc.Arbitrary<LifecycleRule[]> = fc
  .array(
    fc.tuple(filter, actions).map(([filter, actions]) => ({ ...filter, ...actions })),
    { minLength: 1, maxLength: 4 },
  )
  .map((drafts) =>
    drafts.flatMap((draft) => {
      const result = v.safeParse(lifecycleRules, [draft]);
      return result.success ? result.output.map((rule) => withId(rule, () => '')) : [];
    }),
  );

const version = fc.record({
  key: fc.constantFrom('a', 'a/k', 'b', 'c'),
  sizeBytes: fc.constantFrom(0, 1, 60, 101, 150_000, 300_000),
  tags: fc.constantFrom({}, { x: '1' }, { x: '1', y: '2' }, { x: '2' }),
  storageClass: fc.constantFrom('STANDARD', 'STANDARD_IA', 'ONEZONE_IA', 'GLACIER', 'DEEP_ARCHIVE'),
  isDeleteMarker: fc.constantFrom(false, false, true),
  isLocked: fc.constantFrom(false, false, true),
  ageDays: fc.integer({ min: 0, max: 4 }),
  ageMilliseconds: fc.constantFrom(0, 1, day - 1, day / 2),
});

/** The versions of one key, the latest first. */
const history = fc.array(version, { minLength: 1, maxLength: 6 }).map((drafts) => {
  let at = 32 * day;
  return drafts.map(({ ageDays, ageMilliseconds, ...rest }): OracleVersion => {
    at -= ageDays * day + ageMilliseconds;
    return { ...rest, key: drafts[0]?.key ?? '', modifiedAt: at };
  });
});

describe('the decision on each version of a key', () => {
  test('is the one that the documentation gives', () => {
    fc.assert(
      fc.property(
        rules,
        history,
        fc.record({ versioned: fc.boolean(), archivesSmall: fc.boolean() }),
        fc.integer({ min: 20 * day, max: 45 * day }),
        (rules, drafts, { versioned, archivesSmall }, now) => {
          // Without versions there is one, and nothing is locked.
          const versions = versioned
            ? drafts
            : drafts.slice(0, 1).map((it) => ({ ...it, isDeleteMarker: false, isLocked: false }));
          expect(decideAll(rules, versions, { versioned, archivesSmall, now })).toEqual(
            verdicts(rules, versions, { versioned, archivesSmall, now, day }),
          );
        },
      ),
      { numRuns: 4000 },
    );
  });

  test('is found by the property above in every kind', () => {
    const seen = new Set<string>();
    const samples = fc.tuple(rules, history, fc.integer({ min: 20 * day, max: 45 * day }));
    for (const [rules, versions, now] of fc.sample(samples, { numRuns: 2000, seed: 1 })) {
      const settings = { versioned: true, archivesSmall: true, now, day };
      for (const verdict of verdicts(rules, versions, settings)) seen.add(verdict);
    }
    expect([...seen].toSorted()).toEqual(
      expect.arrayContaining(['expires', 'goes', 'stays', 'to DEEP_ARCHIVE', 'to GLACIER', 'to GLACIER_IR']),
    );
  });

  test.each<[what: string, rule: object, written: string, due: string]>([
    [
      'days are rounded up to midnight',
      { expireAfterDays: 3 },
      '2014-01-15T10:30:00Z',
      '2014-01-19T00:00:00Z',
    ],
    ['also from midnight', { expireAfterDays: 1 }, '2014-01-15T00:00:00Z', '2014-01-17T00:00:00Z'],
    [
      'a date is a date',
      { expireAt: '2014-01-20T00:00:00Z' },
      '2014-01-15T10:30:00Z',
      '2014-01-20T00:00:00Z',
    ],
    [
      'a date holds on for later objects',
      { expireAt: '2014-01-01T00:00:00Z' },
      '2014-01-15T10:30:00Z',
      '2014-01-15T10:30:00Z',
    ],
    [
      'to move after no day is to move at midnight',
      { transitions: [{ afterDays: 0, storageClass: 'GLACIER' }] },
      '2014-01-15T10:30:00Z',
      '2014-01-16T00:00:00Z',
    ],
  ])('as in the documentation: %s', (_, rule, written, due) => {
    const [parsed] = v.parse(lifecycleRules, [rule]).map((it) => withId(it, () => ''));
    if (!parsed) throw new Error('There is no rule.');
    const object = {
      key: 'k',
      sizeBytes: 2 ** 20,
      tags: {},
      storageClass: 'STANDARD',
      isDeleteMarker: false,
      modifiedAt: Date.parse(written),
    };
    const actAt = (now: number) =>
      decide(
        { rules: [parsed], keepsVersions: false, archivesSmallObjects: false },
        object,
        { isLatest: true, isOnly: true },
        { now, dayMilliseconds: day },
      );
    expect(actAt(Date.parse(due) - 1) === undefined || due === written).toBe(true);
    expect(actAt(Date.parse(due))).toBeDefined();
  });
});

function decideAll(
  rules: readonly LifecycleRule[],
  versions: readonly OracleVersion[],
  { versioned, archivesSmall, now }: { versioned: boolean; archivesSmall: boolean; now: number },
): Verdict[] {
  return versions.map(({ isLocked, ...version }, position) => {
    const newer = versions[position - 1];
    const place: Place = newer
      ? { isLatest: false, since: newer.modifiedAt, newerNoncurrent: position - 1 }
      : { isLatest: true, isOnly: versions.length === 1 };
    const action = decide(
      { rules, keepsVersions: versioned, archivesSmallObjects: archivesSmall },
      { ...version, ...(isLocked && { lock: { legalHold: true } }) },
      place,
      { now, dayMilliseconds: day },
    );
    return verdictOf(action);
  });
}

function verdictOf(action: LifecycleAction | undefined): Verdict {
  if (!action) return 'stays';
  if (action.kind === 'move') return `to ${action.storageClass}`;
  return action.kind === 'expire' ? 'expires' : 'goes';
}
