import * as v from 'valibot';
import { wholeNumber } from '../config/values.ts';

/** RFC 3339 in UTC, as JSON writes a date. */
export const timestamp = v.pipe(v.string(), v.isoTimestamp());

/** How many things a page is to hold: a number in a query, where everything is text. */
export function pageLimit(most: number) {
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,4}$/, 'must be a number'),
    v.transform(Number),
    wholeNumber(1, most),
  );
}

export const problem = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.string(),
  requestId: v.string(),
  errors: v.optional(v.array(v.object({ path: v.string(), message: v.string() }))),
});
