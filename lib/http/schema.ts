import * as v from 'valibot';

/** RFC 3339 in UTC, as JSON writes a date. */
export const timestamp = v.pipe(v.string(), v.isoTimestamp());

export const problem = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.string(),
  requestId: v.string(),
  errors: v.optional(v.array(v.object({ path: v.string(), message: v.string() }))),
});
