import type { StoredObject } from './index/objects.ts';
import { Refusal } from './refusal.ts';

type Headers = ReadonlyMap<string, string>;

/**
 * Holds a read to its conditions, in RFC 9110's order of precedence.
 *
 * @returns whether there is anything to read: not, where the reader knows this very object already
 * @throws {@link Refusal} `PreconditionFailed`
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#name-precedence-of-preconditions
 */
export function checkRead(headers: Headers, object: StoredObject): boolean {
  const ifMatch = headers.get('if-match');
  const ifNoneMatch = headers.get('if-none-match');
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object.etag)) throw failed('If-Match');
  } else if (isModifiedSince(object, headers.get('if-unmodified-since')) === true) {
    throw failed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return !matches(ifNoneMatch, object.etag);
  return isModifiedSince(object, headers.get('if-modified-since')) !== false;
}

/**
 * Holds a write to its conditions: `If-None-Match: *` for a new key, `If-Match` for the replacement of a known object.
 *
 * @throws {@link Refusal}
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkWrite(headers: Headers, existing: StoredObject | undefined): void {
  const ifMatch = headers.get('if-match');
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*')
      throw new Refusal('NotImplemented', 'If-None-Match of a write can only be *');
    if (existing) throw failed('If-None-Match');
  }
  if (ifMatch !== undefined) {
    if (!existing) throw new Refusal('NoSuchKey');
    if (!matches(ifMatch, existing.etag)) throw failed('If-Match');
  }
}

/** Whether {@link checkWrite} asks for the existing object at all. */
export function hasWriteConditions(headers: Headers): boolean {
  return headers.has('if-match') || headers.has('if-none-match');
}

/** Whether a range still belongs to the object that its sender has in mind. */
export function rangeHolds(ifRange: string | undefined, object: StoredObject): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return matches(ifRange, object.etag);
  return isModifiedSince(object, ifRange) === false;
}

/** Compares a list of entity tags, quoted or not. */
function matches(list: string, etag: string): boolean {
  return list.split(',').some((entry) => {
    const tag = entry.trim();
    return tag === '*' || tag.replaceAll('"', '') === etag;
  });
}

/** Nothing where there is no date to compare with. An HTTP date has whole seconds. */
function isModifiedSince(object: StoredObject, httpDate: string | undefined): boolean | undefined {
  const since = Date.parse(httpDate ?? '');
  return Number.isNaN(since) ? undefined : Math.floor(object.modifiedAt / 1000) * 1000 > since;
}

function failed(condition: string): Refusal {
  return new Refusal('PreconditionFailed', undefined, { Condition: condition });
}
