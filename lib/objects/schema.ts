import * as v from 'valibot';
import { keyPrefix } from '../access/object-key.ts';
import { wholeNumber } from '../config/values.ts';
import { pageLimit, timestamp } from '../http/schema.ts';

export const listQuery = v.strictObject({
  prefix: v.optional(keyPrefix, ''),
  delimiter: v.optional(v.pipe(keyPrefix, v.nonEmpty())),
  limit: v.optional(pageLimit(1000), '1000'),
  cursor: v.optional(v.pipe(v.string(), v.regex(/^[\w-]+$/, 'is not a cursor of this service'))),
});

export const versionQuery = v.strictObject({
  versionId: v.optional(v.pipe(v.string(), v.regex(/^[\w.-]{1,1024}$/, 'is not a version id'))),
});

/** Each key is judged by itself, so that one bad key does not keep the others. */
export const deleteCommand = v.strictObject({
  keys: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(1000)),
});

export const restoreCommand = v.strictObject({
  keys: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(1000)),
  /** How long the copy stays. */
  days: wholeNumber(1, 2 ** 31 - 1),
  /** How soon: the sooner, the dearer. */
  tier: v.optional(v.picklist(['Expedited', 'Standard', 'Bulk']), 'Standard'),
});

export const listAnswer = v.object({
  objects: v.array(
    v.object({
      key: v.string(),
      sizeBytes: v.number(),
      etag: v.string(),
      lastModified: timestamp,
      storageClass: v.string(),
    }),
  ),
  prefixes: v.array(v.string()),
  cursor: v.optional(v.string()),
});

export const objectAnswer = v.object({
  bucket: v.string(),
  key: v.string(),
  sizeBytes: v.number(),
  etag: v.string(),
  contentType: v.string(),
  lastModified: timestamp,
  storageClass: v.string(),
  /** Of an archived object: the copy that can be read, or is on its way. */
  restore: v.optional(v.object({ inProgress: v.boolean(), availableUntil: v.optional(timestamp) })),
  versionId: v.optional(v.string()),
  metadata: v.record(v.string(), v.string()),
  checksums: v.record(v.string(), v.string()),
});

export const deleteAnswer = v.object({
  results: v.array(
    v.union([
      v.object({ key: v.string(), deleted: v.literal(true) }),
      v.object({ key: v.string(), error: v.object({ code: v.string(), detail: v.string() }) }),
    ]),
  ),
});

export const restoreAnswer = v.object({
  results: v.array(
    v.union([
      v.object({ key: v.string(), state: v.picklist(['restoring', 'restored']) }),
      v.object({ key: v.string(), error: v.object({ code: v.string(), detail: v.string() }) }),
    ]),
  ),
});
