import * as v from 'valibot';
import { bucketName, contentTypePattern } from '../config/schema.ts';
import { timestamp } from '../http/schema.ts';
import { actions } from './grants.ts';
import { keyPrefix } from './object-key.ts';

export const grantSchema = v.strictObject({
  bucket: v.union([bucketName, v.literal('*')]),
  /** May hold `${sub}` and `${tenant}`, filled in when the token is made. */
  prefix: v.optional(keyPrefix, ''),
  actions: v.pipe(v.array(v.picklist(actions)), v.minLength(1)),
  maxObjectBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  contentTypes: v.optional(v.pipe(v.array(contentTypePattern), v.minLength(1))),
});

/**
 * A name that may stand in a prefix. Without `/`, so that no name reaches into the folder of another, and without
 * control characters, so that none of them forges a log line.
 */
const prefixName = v.pipe(
  v.string(),
  v.regex(/^[^/\p{C}]{1,128}$/u, 'must be 1 to 128 characters without "/" and control characters'),
  v.check((name) => name !== '.' && name !== '..', 'must not be "." or ".."'),
);

export const tokenCommand = v.strictObject({
  grants: v.pipe(v.array(grantSchema), v.minLength(1), v.maxLength(50)),
  expiresInSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(43_200)), 900),
  sub: v.optional(prefixName),
  tenant: v.optional(prefixName),
});

export type TokenCommand = v.InferOutput<typeof tokenCommand>;

/** What a delegated token holds under its seal. */
export const tokenClaims = v.strictObject({
  sub: v.string(),
  tenant: v.optional(v.string()),
  grants: v.array(grantSchema),
});

export const tokenAnswer = v.object({
  token: v.string(),
  expiresAt: timestamp,
  grants: v.array(grantSchema),
});

export const meAnswer = v.object({
  principal: v.object({ kind: v.picklist(['root', 'token']), sub: v.string() }),
  tenant: v.optional(v.string()),
  grants: v.array(grantSchema),
  expiresAt: v.optional(timestamp),
  serverTime: timestamp,
});
