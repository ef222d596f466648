import { Refusal } from './refusal.ts';

/** A stretch of an object: first and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a `Range` header. Nothing where the whole object is to be sent: also for several ranges, or text that is none,
 * as S3 does.
 *
 * @throws {@link Refusal} `InvalidRange` where no byte of the object is in the range
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#name-byte-ranges
 */
export function readRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(?<first>\d*)-(?<last>\d*)$/.exec(header?.trim() ?? '');
  const { first = '', last = '' } = match?.groups ?? {};
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const range =
    first === ''
      ? { first: Math.max(sizeBytes - Number(last), 0), last: sizeBytes - 1 }
      : { first: Number(first), last: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
  if (range.first <= range.last) return range;
  throw new Refusal('InvalidRange', undefined, {
    RangeRequested: header ?? '',
    ActualObjectSize: String(sizeBytes),
  });
}
