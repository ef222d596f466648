import * as v from 'valibot';
import { transitionClasses } from '../lifecycle/storage-classes.ts';
import { accessSchema } from './access.ts';
import { flagsSchema } from './flags.ts';
import { bucketName, contentTypePattern, wholeNumber } from './values.ts';

/**
 * The schema of `stowage.json`: the one file that the service, the CDK app, the container and Kubernetes read. The
 * defaults stand here and nowhere else; `stowage.schema.json` is generated from it for editors.
 */

/** The most that S3 holds in one object: 10,000 parts of 5 GiB (48.8 TiB). */
export const maxObjectBytesOfS3 = 10_000 * 5 * 2 ** 30;

const storageClass = v.picklist(transitionClasses);

const lifecycleRule = v.pipe(
  v.strictObject({
    prefix: v.optional(v.string(), ''),
    expireAfterDays: v.optional(wholeNumber(1, 36_500)),
    transitionAfterDays: v.optional(wholeNumber(0, 36_500)),
    storageClass: v.optional(storageClass),
  }),
  v.check(
    (rule) => rule.expireAfterDays !== undefined || rule.transitionAfterDays !== undefined,
    'must say expireAfterDays or transitionAfterDays',
  ),
  v.check(
    (rule) => (rule.transitionAfterDays === undefined) === (rule.storageClass === undefined),
    'transitionAfterDays and storageClass go together',
  ),
  // What S3 itself would refuse, but only when the bucket is deployed.
  v.check(
    ({ storageClass, transitionAfterDays = 30 }) =>
      transitionAfterDays >= 30 || (storageClass !== 'STANDARD_IA' && storageClass !== 'ONEZONE_IA'),
    'S3 moves to STANDARD_IA and ONEZONE_IA after 30 days at the earliest',
  ),
  v.check(
    ({ expireAfterDays = Infinity, transitionAfterDays = -1 }) => expireAfterDays > transitionAfterDays,
    'expireAfterDays must come after transitionAfterDays',
  ),
);

const bucket = v.strictObject({
  maxObjectBytes: v.optional(wholeNumber(0, maxObjectBytesOfS3), maxObjectBytesOfS3),
  contentTypes: v.optional(v.pipe(v.array(contentTypePattern), v.minLength(1)), ['*/*']),
  versioning: v.optional(v.boolean(), false),
  lifecycle: v.optional(v.array(lifecycleRule), []),
  abandonedUploadDays: v.optional(wholeNumber(1, 365), 7),
  /** What becomes of an upload that fails its verification: moved under `.stowage/quarantine/`, or tagged so in its place. */
  quarantine: v.optional(v.picklist(['move', 'tag']), 'move'),
  /** What is looked for in each new object: another type than it says (`type`), and malware. What is found is quarantined. */
  inspect: v.optional(v.array(v.picklist(['type', 'malware'])), []),
  cdn: v.optional(v.strictObject({ cacheSeconds: v.optional(wholeNumber(0, 31_536_000), 86_400) })),
});

/** How much a tenant may keep in a bucket. Without a number: as much as it likes. */
const quota = v.strictObject({
  /** `*`: each by itself, callers without one together, except for tenants with a quota of their own. */
  tenant: v.pipe(v.string(), v.nonEmpty()),
  bucket: v.string(),
  maxBytes: v.optional(wholeNumber(0)),
  maxObjects: v.optional(wholeNumber(0)),
});

const quotas = v.pipe(
  v.array(quota),
  v.check(
    (quotas) =>
      new Set(quotas.map(({ tenant, bucket }) => JSON.stringify([tenant, bucket]))).size === quotas.length,
    'must name each tenant and bucket once',
  ),
);

const wholeSchema = v.strictObject({
  $schema: v.optional(v.string()),
  buckets: v.pipe(
    v.record(bucketName, bucket),
    v.check((buckets) => Object.keys(buckets).length > 0, 'must name at least one bucket'),
  ),
  access: v.optional(accessSchema, {}),
  quotas: v.optional(quotas, []),
  flags: v.optional(flagsSchema, {}),
  limits: v.optional(
    v.strictObject({
      urlLifetimeSeconds: v.optional(wholeNumber(1, 604_800), 900),
      /** Of one caller. The process counts these itself; in AWS the API Gateway throttles. */
      requestsPerMinute: v.optional(wholeNumber(1), 600),
      tenantRequestsPerMinute: v.optional(wholeNumber(1), 6000),
      addressRequestsPerMinute: v.optional(wholeNumber(1), 6000),
      wrongCredentialsPerMinute: v.optional(wholeNumber(1), 300),
    }),
    {},
  ),
});

export const configSchema = v.pipe(
  wholeSchema,
  v.forward(
    v.partialCheck(
      [['buckets'], ['quotas']],
      ({ buckets, quotas }) => quotas.every(({ bucket }) => Object.hasOwn(buckets, bucket)),
      'must each name one of the buckets',
    ),
    ['quotas'],
  ),
);

/** The configuration as somebody writes it, with what has a default left out. */
export type ConfigInput = v.InferInput<typeof configSchema>;

/** The whole configuration, with every default filled in. */
export type Config = v.InferOutput<typeof configSchema>;

/** The rules of one bucket. */
export type BucketRules = Config['buckets'][string];
