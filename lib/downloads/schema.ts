import * as v from 'valibot';
import { timestamp } from '../http/schema.ts';
import { hasBidiControls, keyPrefix, objectKey } from '../access/object-key.ts';

/** What a download may ask for beside the object's bytes. */
const presentation = {
  versionId: v.optional(v.pipe(v.string(), v.regex(/^[\w.-]{1,1024}$/, 'is not a version id'))),
  filename: v.optional(
    v.pipe(
      v.string(),
      v.nonEmpty(),
      v.maxLength(255),
      v.check(
        (name) => name.isWellFormed() && !/[\p{Cc}/\\]/u.test(name) && !hasBidiControls(name),
        'must be a file name: no control characters, no slashes, no marks that turn the direction of writing',
      ),
    ),
  ),
  disposition: v.optional(v.picklist(['inline', 'attachment'])),
};

const downloadItem = v.strictObject({ bucket: v.string(), key: objectKey, ...presentation });

export type DownloadItem = v.InferOutput<typeof downloadItem>;

const expiresInSeconds = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(604_800)));

export const downloadsCommand = v.strictObject({
  items: v.pipe(v.array(downloadItem), v.minLength(1), v.maxLength(1000)),
  expiresInSeconds,
  via: v.optional(v.picklist(['storage', 'cdn']), 'storage'),
});

export const cookiesCommand = v.strictObject({
  bucket: v.string(),
  prefix: v.optional(
    v.pipe(
      keyPrefix,
      v.check((prefix) => !/(^|\/)\.{1,2}\//.test(prefix), 'must not have "." or ".." as a segment'),
    ),
    '',
  ),
  expiresInSeconds,
});

/** The query of `GET /v1/content/…`; the token has been read by then. */
export const contentQuery = v.strictObject({ ...presentation, access_token: v.optional(v.string()) });

export const downloadsAnswer = v.object({
  items: v.array(
    v.union([
      v.object({ bucket: v.string(), key: v.string(), url: v.string(), expiresAt: timestamp }),
      v.object({
        bucket: v.string(),
        key: v.string(),
        error: v.object({ code: v.string(), detail: v.string() }),
      }),
    ]),
  ),
});

export const cookiesAnswer = v.object({
  bucket: v.string(),
  prefix: v.string(),
  urlPrefix: v.string(),
  expiresAt: timestamp,
  cookies: v.record(v.string(), v.string()),
  query: v.string(),
});
