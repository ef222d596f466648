import * as v from 'valibot';
import { keyPrefix, newObjectKey } from '../access/object-key.ts';
import { maxObjectBytesOfS3 } from '../config/schema.ts';
import { timestamp } from '../http/schema.ts';
import { isOwnName } from './own-metadata.ts';

/** S3's most for one multipart upload. */
export const maxPartCount = 10_000;

/** Parts that one call signs at most: 1,000 addresses are 1.6 MB, and Lambda answers with 6 MB at most. */
const maxPartsPerCall = 1000;

export const checksumAlgorithms = ['crc32', 'crc32c', 'crc64nvme', 'md5', 'sha1', 'sha256'] as const;

export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

const checksumBytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  md5: 16,
  sha1: 20,
  sha256: 32,
};

/** A checksum of the whole object, in base64 as S3 writes it. */
const checksum = v.pipe(
  v.strictObject({ algorithm: v.picklist(checksumAlgorithms), value: v.pipe(v.string(), v.base64()) }),
  v.check(
    ({ algorithm, value }) => Buffer.from(value, 'base64').length === checksumBytes[algorithm],
    'has a value whose length is not that of the algorithm',
  ),
);

export type Checksum = v.InferOutput<typeof checksum>;

/** What a header can carry: no control characters, and no half of a character, which UTF-8 cannot write. */
const headerText = v.pipe(
  v.string(),
  v.regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be valid Unicode without control characters'),
);

const contentType = v.pipe(
  v.string(),
  v.regex(
    /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( *; *[\w!#$&^.+-]+=([\w!#$&^.+-]+|"[ !#-[\]-~]*"))*$/,
    'must be a media type',
  ),
  v.maxLength(255),
);

/** S3 takes 2 KB of user metadata, names and values together. */
const metadata = v.pipe(
  v.record(v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'has a name that is no header name')), headerText),
  v.check(
    (entries) => !Object.keys(entries).some(isOwnName),
    'must not hold names that begin with stowage-, which Stowage writes itself',
  ),
  v.check(
    (entries) =>
      new Set(Object.keys(entries).map((name) => name.toLowerCase())).size === Object.keys(entries).length,
    'must not hold names that differ in case alone',
  ),
  v.check(
    (entries) => metadataBytes(entries) <= 1800,
    'must be at most 1,800 bytes, names and values together',
  ),
);

function metadataBytes(entries: Readonly<Record<string, string>>): number {
  return Object.entries(entries).reduce(
    (sum, [name, value]) => sum + name.length + Buffer.byteLength(value),
    0,
  );
}

const tagText = (maxLength: number) =>
  v.pipe(
    v.string(),
    v.maxLength(maxLength),
    v.regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, 'holds a character that S3 tags do not take'),
  );

const tags = v.pipe(
  v.record(v.pipe(tagText(128), v.nonEmpty()), tagText(256)),
  v.check((entries) => Object.keys(entries).length <= 10, 'must be at most 10'),
);

const lifetimeSeconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(604_800));

export const uploadCommand = v.strictObject({
  bucket: v.string(),
  key: newObjectKey,
  sizeBytes: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maxObjectBytesOfS3)),
  contentType: v.optional(contentType, 'application/octet-stream'),
  checksum: v.optional(checksum),
  metadata: v.optional(metadata, {}),
  tags: v.optional(tags, {}),
  ifNoneMatch: v.optional(v.literal('*')),
  method: v.optional(v.picklist(['auto', 'put', 'multipart', 'form']), 'auto'),
  expiresInSeconds: v.optional(lifetimeSeconds),
});

export type UploadCommand = v.InferOutput<typeof uploadCommand>;

const partNumber = (partCount: number) =>
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(1),
    v.maxValue(partCount, `must be at most ${partCount}, the upload's last part`),
  );

/** The parts to sign, of an upload that has so many. */
export const partsCommandFor = (partCount: number) =>
  v.strictObject({
    partNumbers: v.pipe(
      v.array(partNumber(partCount)),
      v.minLength(1),
      v.maxLength(maxPartsPerCall),
      v.check((numbers) => new Set(numbers).size === numbers.length, 'must not name a part twice'),
    ),
    expiresInSeconds: v.optional(lifetimeSeconds),
  });

/** Clients send ETags with quotes and without, even mixed. */
const etag = v.pipe(
  v.string(),
  v.regex(/^"?[\w-]{1,128}"?$/, 'is not an ETag of a part'),
  v.transform((text) => text.replaceAll('"', '')),
);

export const completeCommand = v.strictObject({
  parts: v.optional(
    v.pipe(
      v.array(v.object({ partNumber: partNumber(maxPartCount), etag })),
      v.minLength(1),
      v.maxLength(maxPartCount),
    ),
  ),
});

export const uploadsQuery = v.strictObject({ bucket: v.string(), prefix: v.optional(keyPrefix, '') });

const headerMap = v.record(v.string(), v.string());

const signedPart = v.object({
  partNumber: v.number(),
  url: v.string(),
  headers: headerMap,
  expiresAt: timestamp,
});

export const partsAnswer = v.object({ parts: v.array(signedPart) });

const uploadBase = {
  uploadId: v.string(),
  bucket: v.string(),
  key: v.string(),
  expiresAt: timestamp,
  resumableUntil: timestamp,
};

export const uploadAnswer = v.variant('method', [
  v.object({
    method: v.literal('put'),
    ...uploadBase,
    put: v.object({ url: v.string(), headers: headerMap }),
  }),
  v.object({
    method: v.literal('form'),
    ...uploadBase,
    form: v.object({ url: v.string(), fields: headerMap }),
  }),
  v.object({
    method: v.literal('multipart'),
    ...uploadBase,
    multipart: v.object({ partSizeBytes: v.number(), partCount: v.number(), parts: v.array(signedPart) }),
  }),
]);

export const uploadStatusAnswer = v.object({
  uploadId: v.string(),
  state: v.picklist(['pending', 'completed', 'aborted']),
  method: v.picklist(['put', 'form', 'multipart']),
  bucket: v.string(),
  key: v.string(),
  sizeBytes: v.optional(v.number()),
  partSizeBytes: v.optional(v.number()),
  partCount: v.optional(v.number()),
  parts: v.array(v.object({ partNumber: v.number(), sizeBytes: v.number(), etag: v.string() })),
  resumableUntil: timestamp,
});

export const uploadsAnswer = v.object({
  uploads: v.array(
    v.object({ uploadId: v.string(), bucket: v.string(), key: v.string(), initiatedAt: timestamp }),
  ),
});

export const completedAnswer = v.object({
  bucket: v.string(),
  key: v.string(),
  sizeBytes: v.number(),
  etag: v.string(),
  versionId: v.optional(v.string()),
  contentType: v.string(),
  checksum: v.optional(v.object({ algorithm: v.string(), value: v.string() })),
  lastModified: timestamp,
});
