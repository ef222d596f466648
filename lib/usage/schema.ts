import * as v from 'valibot';

export const usageAnswer = v.object({
  usage: v.array(
    v.object({
      /** Empty for the callers without a tenant, who count together. */
      tenant: v.string(),
      bucket: v.string(),
      bytes: v.number(),
      objects: v.number(),
      reservedBytes: v.number(),
      maxBytes: v.optional(v.number()),
      maxObjects: v.optional(v.number()),
    }),
  ),
});

/** In UTC. */
const day = v.pipe(
  v.string(),
  v.isoDate('is no day such as 2026-11-25'),
  v.check((text) => !isPastItsMonth(text), 'is no day: its month is shorter'),
);

function isPastItsMonth(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && !new Date(time).toISOString().startsWith(day);
}

export const usageDaysQuery = v.strictObject({
  bucket: v.string(),
  /** The first day. Default: 29 days before the last. */
  from: v.optional(day),
  /** The last day. Default: today. */
  to: v.optional(day),
  cursor: v.optional(v.pipe(v.string(), v.regex(/^[\w-]+$/, 'is not a cursor of this service'))),
});

/** What came and went on one day, of one tenant. */
const usageDay = v.object({
  day,
  tenant: v.string(),
  bucket: v.string(),
  addedBytes: v.number(),
  addedObjects: v.number(),
  removedBytes: v.number(),
  removedObjects: v.number(),
});

export type UsageDay = Readonly<v.InferOutput<typeof usageDay>>;

export const usageDaysAnswer = v.object({
  days: v.array(usageDay),
  cursor: v.optional(v.string()),
});
