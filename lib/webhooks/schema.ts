import * as v from 'valibot';
import { keyPrefix } from '../access/object-key.ts';
import { principalKinds } from '../access/principal.ts';
import { bucketName, wholeNumber } from '../config/values.ts';
import { objectEventTypes } from '../events/object-event.ts';
import { timestamp } from '../http/schema.ts';

/** The forms of a body that there are. A webhook keeps the one that it was made with. */
export const payloadVersions = [1] as const;

const url = v.pipe(v.string(), v.maxLength(2048, 'must be at most 2,048 characters'));

const description = v.pipe(
  v.string(),
  v.regex(/^\P{C}{1,256}$/u, 'must be 1 to 256 characters, none of them control'),
);

const eventTypes = v.pipe(v.array(v.picklist(objectEventTypes)), v.minLength(1));

/** What a webhook is asked to be. What is left out of a filter is not asked for. */
const filters = {
  /** Default: every bucket. */
  bucket: bucketName,
  prefix: keyPrefix,
  suffix: keyPrefix,
  eventTypes,
  minSizeBytes: wholeNumber(0),
  maxSizeBytes: wholeNumber(0),
  /** Requests a second at most. Default: no limit but that of what is under way at once. */
  maxPerSecond: wholeNumber(1, 1000),
  /** For people. */
  description,
};

const optionalFilters = v.partial(v.strictObject(filters)).entries;

/** How many requests may be under way at once. */
const maxConcurrency = wholeNumber(1, 50);

export const webhookCommand = v.strictObject({
  /** https; to an address out on the internet. */
  url,
  ...optionalFilters,
  payloadVersion: v.optional(v.picklist(payloadVersions), 1),
  maxConcurrency: v.optional(maxConcurrency, 10),
  enabled: v.optional(v.boolean(), true),
});

/** `null` takes a filter, a limit or the description away. */
export const webhookChange = v.strictObject({
  url: v.optional(url),
  bucket: v.optional(v.nullable(filters.bucket)),
  prefix: v.optional(v.nullable(filters.prefix)),
  suffix: v.optional(v.nullable(filters.suffix)),
  eventTypes: v.optional(v.nullable(filters.eventTypes)),
  minSizeBytes: v.optional(v.nullable(filters.minSizeBytes)),
  maxSizeBytes: v.optional(v.nullable(filters.maxSizeBytes)),
  maxPerSecond: v.optional(v.nullable(filters.maxPerSecond)),
  description: v.optional(v.nullable(filters.description)),
  maxConcurrency: v.optional(maxConcurrency),
  enabled: v.optional(v.boolean()),
});

/** What stands in a webhook's record of what was asked for. */
export const webhookSettings = {
  url: v.string(),
  ...optionalFilters,
  payloadVersion: v.picklist(payloadVersions),
  maxConcurrency,
  enabled: v.boolean(),
};

export const rotateSecretCommand = v.strictObject({
  /** How long requests are signed with the old secrets, too. */
  overlapSeconds: v.optional(wholeNumber(0, 7 * 86_400), 86_400),
});

export const webhooksQuery = v.strictObject({
  cursor: v.optional(v.pipe(v.string(), v.regex(/^wh_[\w-]{16}$/, 'is not a cursor of this service'))),
});

const webhookFields = {
  webhookId: v.string(),
  ...webhookSettings,
  tenant: v.optional(v.string()),
  /** `failing`: the last requests have all failed, and pauses between them grow. `disabled`: nothing is sent. */
  state: v.picklist(['active', 'failing', 'disabled']),
  /** Why it is failing, or was disabled by the service itself. */
  reason: v.optional(v.string()),
  failingSince: v.optional(timestamp),
  /** By which requests are signed, without their texts. */
  secrets: v.array(v.object({ createdAt: timestamp, expiresAt: v.optional(timestamp) })),
  createdAt: timestamp,
  createdBy: v.object({ kind: v.picklist(principalKinds), sub: v.string() }),
  /** When the credentials end on which it stands, if they do. */
  expiresAt: v.optional(timestamp),
};

export const webhookAnswer = v.object(webhookFields);

export const webhooksAnswer = v.object({ webhooks: v.array(webhookAnswer), cursor: v.optional(v.string()) });

export const newWebhookAnswer = v.object({ ...webhookFields, secret: v.string() });

export const rotatedSecretAnswer = v.object({
  webhookId: v.string(),
  secret: v.string(),
  previousUntil: v.optional(timestamp),
});
