import * as v from 'valibot';
import { timestamp } from '../http/schema.ts';

const status = v.picklist(['ok', 'failing']);

export const liveAnswer = v.object({ status: v.literal('ok') });

export const readyAnswer = v.object({
  status,
  checks: v.record(
    v.string(),
    v.object({
      status,
      latencyMilliseconds: v.number(),
      lastError: v.optional(v.object({ at: timestamp, code: v.string() })),
    }),
  ),
});
