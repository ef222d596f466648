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
