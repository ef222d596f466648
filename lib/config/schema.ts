import * as v from 'valibot';

/**
 * The schema of `stowage.json`: the one file that the service, the CDK app, the container and Kubernetes read. The
 * defaults stand here and nowhere else; `stowage.schema.json` is generated from it for editors.
 */

const wholeNumber = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum));

/** The most that S3 holds in one object: 10,000 parts of 5 GiB (48.8 TiB). */
export const maxObjectBytesOfS3 = 10_000 * 5 * 2 ** 30;

/** A media type, or `image/*`, or `*` + `/*`. */
export const contentTypePattern = v.pipe(
  v.string(),
  v.regex(
    /^(\*\/\*|[\w!#$&^.+-]+\/(\*|[\w!#$&^.+-]+))$/i,
    'must be a media type such as image/png, image/* or */*',
  ),
  v.toLowerCase(),
);

/** S3's rules for names, less the dot: a name with dots breaks TLS on virtual-hosted addresses. */
export const bucketName = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/,
    'must be 3 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit',
  ),
);

const origin = v.pipe(
  v.string(),
  v.check(isOrigin, 'must be an origin such as https://app.example.com, without a path'),
);

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

const issuerUrl = v.pipe(
  v.string(),
  v.url(),
  v.check((text) => {
    const url = URL.parse(text);
    return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  }, 'must be https; plain http only on loopback'),
);

const storageClass = v.picklist([
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
]);

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
  cdn: v.optional(v.strictObject({ cacheSeconds: v.optional(wholeNumber(0, 31_536_000), 86_400) })),
});

const issuer = v.strictObject({
  issuer: issuerUrl,
  audience: v.pipe(v.string(), v.nonEmpty()),
  grantsClaim: v.optional(v.pipe(v.string(), v.nonEmpty()), 'stowage'),
});

const quota = v.strictObject({
  tenant: v.pipe(v.string(), v.nonEmpty()),
  bucket: v.string(),
  maxBytes: v.optional(wholeNumber(0)),
  maxObjects: v.optional(wholeNumber(0)),
});

export const configSchema = v.strictObject({
  $schema: v.optional(v.string()),
  buckets: v.pipe(
    v.record(bucketName, bucket),
    v.check((buckets) => Object.keys(buckets).length > 0, 'must name at least one bucket'),
  ),
  access: v.optional(
    v.strictObject({
      issuers: v.optional(v.array(issuer), []),
      corsOrigins: v.optional(v.array(origin), []),
    }),
    {},
  ),
  quotas: v.optional(v.array(quota), []),
  limits: v.optional(
    v.strictObject({
      urlLifetimeSeconds: v.optional(wholeNumber(1, 604_800), 900),
      requestsPerMinute: v.optional(wholeNumber(1), 600),
    }),
    {},
  ),
});

/** The whole configuration, with every default filled in. */
export type Config = v.InferOutput<typeof configSchema>;

/** The rules of one bucket. */
export type BucketRules = Config['buckets'][string];

/** A lifecycle rule as `stowage.json` writes it. */
export type LifecycleRule = BucketRules['lifecycle'][number];
