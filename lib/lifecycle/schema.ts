import * as v from 'valibot';
import { wholeNumber } from '../config/values.ts';
import type { Transition } from './rule.ts';
import { depthOf, transitionClasses } from './storage-classes.ts';

/**
 * The one schema of lifecycle rules, for the HTTP API and for the S3 API of the embedded store. A fault found by `check`
 * is one that S3 calls `InvalidRequest`; all others are its `InvalidArgument`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */

const days = (minimum: number) => wholeNumber(minimum, 2 ** 31 - 1);
const midnight = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT00:00:00(?:\.0+)?Z$/, 'must be midnight UTC, such as 2030-01-01T00:00:00Z'),
);
const storageClass = v.picklist(transitionClasses);
/** S3's own limit. */
const keepNewest = wholeNumber(1, 100);

const transition = v.pipe(
  v.strictObject({ afterDays: v.optional(days(0)), at: v.optional(midnight), storageClass }),
  v.check(
    ({ afterDays, at }) => (afterDays === undefined) !== (at === undefined),
    'must say either afterDays or at',
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (dataset.typed && isTooEarly(dataset.value)) addIssue({ message: tooEarly });
  }),
);

const noncurrentTransition = v.pipe(
  v.strictObject({ afterDays: days(0), keepNewest: v.optional(keepNewest), storageClass }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (dataset.typed && isTooEarly(dataset.value)) addIssue({ message: tooEarly });
  }),
);

const tooEarly = 'S3 moves to STANDARD_IA and ONEZONE_IA after 30 days at the earliest';

function isTooEarly({ afterDays = 30, storageClass }: Transition): boolean {
  return afterDays < 30 && (storageClass === 'STANDARD_IA' || storageClass === 'ONEZONE_IA');
}

const noncurrentVersions = v.pipe(
  v.strictObject({
    expireAfterDays: v.optional(days(1)),
    keepNewest: v.optional(keepNewest),
    transitions: v.optional(v.pipe(v.array(noncurrentTransition), distinctClasses(), descending()), []),
  }),
  v.check(
    ({ expireAfterDays, transitions }) => expireAfterDays !== undefined || transitions.length > 0,
    'must say expireAfterDays or transitions',
  ),
  v.check(
    ({ expireAfterDays, keepNewest }) => keepNewest === undefined || expireAfterDays !== undefined,
    'keepNewest needs expireAfterDays',
  ),
  expiryBehindTransitions(),
);

/** A rule as somebody writes it. */
export const lifecycleRule = v.pipe(
  v.strictObject({
    id: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(255))),
    enabled: v.optional(v.boolean(), true),
    prefix: v.optional(v.pipe(v.string(), v.maxBytes(1024)), ''),
    tags: v.optional(
      v.record(v.pipe(v.string(), v.nonEmpty(), v.maxLength(128)), v.pipe(v.string(), v.maxLength(256))),
      {},
    ),
    sizeGreaterThanBytes: v.optional(wholeNumber(0)),
    sizeLessThanBytes: v.optional(wholeNumber(1)),
    expireAfterDays: v.optional(days(1)),
    expireAt: v.optional(midnight),
    removeExpiredDeleteMarkers: v.optional(v.boolean()),
    transitions: v.optional(v.pipe(v.array(transition), distinctClasses(), descending()), []),
    noncurrentVersions: v.optional(noncurrentVersions),
    abortUploadsAfterDays: v.optional(days(1)),
  }),
  v.check(
    ({ expireAfterDays, expireAt, removeExpiredDeleteMarkers, transitions, ...rest }) =>
      expireAfterDays !== undefined ||
      expireAt !== undefined ||
      removeExpiredDeleteMarkers !== undefined ||
      transitions.length > 0 ||
      rest.noncurrentVersions !== undefined ||
      rest.abortUploadsAfterDays !== undefined,
    'must say what is to be done',
  ),
  v.check(
    ({ expireAfterDays, expireAt, removeExpiredDeleteMarkers }) =>
      [expireAfterDays, expireAt, removeExpiredDeleteMarkers].filter((it) => it !== undefined).length < 2,
    'may say one of expireAfterDays, expireAt and removeExpiredDeleteMarkers; two take two rules',
  ),
  v.check(
    ({ tags, removeExpiredDeleteMarkers }) => !removeExpiredDeleteMarkers || Object.keys(tags).length === 0,
    'removeExpiredDeleteMarkers cannot go by tags, as markers have none',
  ),
  v.check(
    ({ tags, sizeGreaterThanBytes, sizeLessThanBytes, abortUploadsAfterDays }) =>
      abortUploadsAfterDays === undefined ||
      (Object.keys(tags).length === 0 &&
        sizeGreaterThanBytes === undefined &&
        sizeLessThanBytes === undefined),
    'abortUploadsAfterDays cannot go by tags or size: an unfinished upload has no size',
  ),
  v.check(
    ({ sizeGreaterThanBytes = -1, sizeLessThanBytes = Infinity }) =>
      sizeLessThanBytes > sizeGreaterThanBytes + 1,
    'sizeLessThanBytes must leave room above sizeGreaterThanBytes',
  ),
  v.check(({ expireAfterDays, expireAt, transitions }) => {
    const inDays = expireAfterDays !== undefined || transitions.some(({ at }) => at === undefined);
    const byDate = expireAt !== undefined || transitions.some(({ at }) => at !== undefined);
    return !(inDays && byDate);
  }, 'must count all in days, or all by dates'),
  expiryBehindTransitions(),
);

/** All rules of a bucket. */
export const lifecycleRules = v.pipe(
  v.array(lifecycleRule),
  v.maxLength(1000),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const seen = new Set<string>();
    dataset.value.forEach((rule, index) => {
      if (rule.id === undefined) return;
      if (seen.has(rule.id)) {
        addIssue({ message: 'must have an id of its own', path: [itemOf(dataset.value, index)] });
      }
      seen.add(rule.id);
    });
  }),
);

export const lifecycleCommand = v.strictObject({ rules: lifecycleRules });

export const lifecycleAnswer = v.object({
  rules: v.array(v.object({ ...lifecycleRule.pipe[0].entries, id: v.string() })),
});

interface Dated {
  readonly afterDays?: number | undefined;
  readonly at?: string | undefined;
  readonly storageClass: Transition['storageClass'];
}

function distinctClasses<T extends readonly Dated[]>() {
  return v.check<T, string>(
    (steps) => new Set(steps.map(({ storageClass }) => storageClass)).size === steps.length,
    'must move to each class once',
  );
}

/** Whoever moves down the classes takes the steps in their order. */
function descending<T extends readonly Dated[]>() {
  return v.rawCheck<T>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const steps = dataset.value.toSorted((a, b) => depthOf(a.storageClass) - depthOf(b.storageClass));
    const isInOrder = steps.every((step, index) => {
      const before = steps[index - 1];
      if (!before || before.storageClass === step.storageClass) return true;
      return (before.at === undefined) !== (step.at === undefined) || timeOf(before) < timeOf(step);
    });
    if (!isInOrder) addIssue({ message: 'must move to a cheaper class later than to a dearer one' });
  });
}

function expiryBehindTransitions<
  T extends {
    readonly expireAfterDays?: number | undefined;
    readonly expireAt?: string | undefined;
    readonly transitions: readonly Dated[];
  },
>() {
  return v.rawCheck<T>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { expireAfterDays, expireAt, transitions } = dataset.value;
    const expiry = timeOf({ afterDays: expireAfterDays, at: expireAt });
    if (transitions.some((step) => timeOf(step) >= expiry)) {
      addIssue({ message: 'must expire later than it moves to another class' });
    }
  });
}

/** Days and dates do not stand beside each other in a rule, so that they need not compare. */
function timeOf({ afterDays, at }: Pick<Dated, 'afterDays' | 'at'>): number {
  return afterDays ?? (at === undefined ? Infinity : Date.parse(at));
}

function itemOf(input: readonly unknown[], key: number): v.ArrayPathItem {
  return { type: 'array', origin: 'value', input: [...input], key, value: input[key] };
}
