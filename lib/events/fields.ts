import * as v from 'valibot';
import { wholeNumber } from '../config/values.ts';

/** Fields as S3 servers write them. They leave out what they don't have, or give an empty text instead. */
export const optionalText = v.optional(
  v.pipe(
    v.string(),
    v.transform((text) => (text === '' ? undefined : text)),
  ),
);

/** A number, or its digits as a text. */
export const optionalSize = v.optional(
  v.pipe(v.union([v.number(), v.pipe(v.string(), v.digits(), v.transform(Number))]), wholeNumber(0)),
);

export const optionalEtag = v.optional(
  v.pipe(
    v.string(),
    v.transform((etag) => etag.replaceAll('"', '') || undefined),
  ),
);

export const optionalSequencer = v.optional(
  v.union([
    v.pipe(v.string(), v.hexadecimal(), v.toLowerCase()),
    v.pipe(
      v.literal(''),
      v.transform(() => undefined),
    ),
  ]),
);

export const time = v.pipe(v.string(), v.toDate());
