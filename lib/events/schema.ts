import * as v from 'valibot';
import { keyPrefix } from '../access/object-key.ts';
import { wholeNumber } from '../config/values.ts';
import { pageLimit } from '../http/schema.ts';
import { keptSeconds } from './feed.ts';
import { telling } from './telling.ts';

export const eventsQuery = v.strictObject({
  bucket: v.pipe(v.string(), v.nonEmpty('must not be empty')),
  prefix: v.optional(keyPrefix, ''),
  /** The `cursor` of the answer before. Default: begins now, or so many seconds ago. */
  after: v.optional(v.string()),
  sinceSeconds: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,4}$/, 'must be a number'),
      v.transform(Number),
      wholeNumber(0, keptSeconds),
    ),
    '0',
  ),
  limit: v.optional(pageLimit(1000), '100'),
});

export const eventsAnswer = v.object({
  events: v.array(v.object({ eventId: v.string(), ...telling.entries })),
  /** For `after`: goes on behind these events. Good for an hour. */
  cursor: v.string(),
  /** Is there more already? Else ask again in a second or two. */
  isMore: v.boolean(),
});
