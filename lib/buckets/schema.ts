import * as v from 'valibot';

export const bucketsAnswer = v.object({
  buckets: v.array(
    v.object({
      name: v.string(),
      maxObjectBytes: v.number(),
      contentTypes: v.array(v.string()),
      versioning: v.boolean(),
      abandonedUploadDays: v.number(),
    }),
  ),
});
