import * as v from 'valibot';

/**
 * The rules for object keys: 1 to 1,024 bytes of valid UTF-8 in any script. Refused are control characters and the two
 * code points that XML cannot carry (S3 lists keys in XML), and `.` and `..` as a segment, which URLs would fold away.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export const objectKey = v.pipe(
  v.string(),
  v.nonEmpty('must not be empty'),
  v.maxBytes(1024, 'must be at most 1,024 bytes of UTF-8'),
  v.check((key) => key.isWellFormed(), 'must be valid Unicode'),
  v.check((key) => !/[\p{Cc}\uFFFE\uFFFF]/u.test(key), 'must not hold control characters'),
  v.check((key) => !/(^|\/)\.{1,2}(\/|$)/.test(key), 'must not have "." or ".." as a segment'),
);

/**
 * The key of an object that somebody writes. Marks that turn the direction of writing are refused in it, since a name
 * could look like another one (https://trojansource.codes). What bears them already is still read and deleted.
 */
export const newObjectKey = v.pipe(
  objectKey,
  v.check((key) => !hasBidiControls(key), 'must not hold marks that turn the direction of writing'),
);

/** Embeddings, overrides and isolates of the bidirectional algorithm; not the plain marks that scripts need. */
export function hasBidiControls(text: string): boolean {
  return /[\u202A-\u202E\u2066-\u2069]/.test(text);
}

/** What begins so the service writes itself, such as objects in quarantine. To reach it takes `admin`, too. */
export const reservedPrefix = '.stowage/';

export function isReserved(key: string): boolean {
  return key.startsWith(reservedPrefix);
}

/** A prefix of keys: the same characters, and it may be empty. */
export const keyPrefix = v.pipe(
  v.string(),
  v.maxBytes(1024, 'must be at most 1,024 bytes of UTF-8'),
  v.check((prefix) => prefix.isWellFormed(), 'must be valid Unicode'),
  v.check((prefix) => !/[\p{Cc}\uFFFE\uFFFF]/u.test(prefix), 'must not hold control characters'),
);

/** A key as the rest of a route's path. Keys may hold U+2028 and U+2029, at which a regular expression's `.` stops. */
export const objectPath = '/:bucket/:key{[\\s\\S]+}';
