import * as v from 'valibot';
import { grantSchema } from '../access/grant-schema.ts';
import { prefixName } from '../access/prefix-template.ts';
import { principalKinds } from '../access/principal.ts';
import { wholeNumber } from '../config/values.ts';
import { timestamp } from '../http/schema.ts';

const name = v.pipe(
  v.string(),
  v.regex(/^\P{C}{1,128}$/u, 'must be 1 to 128 characters, none of them control'),
);

const tenYears = 315_360_000;

export const keyCommand = v.strictObject({
  /** For people. */
  name,
  /** Prefixes may hold `${tenant}`, and `${sub}` for the key's id. */
  grants: v.pipe(v.array(grantSchema), v.minLength(1), v.maxLength(50)),
  tenant: v.optional(prefixName),
  /** Default: never. */
  expiresInSeconds: v.optional(wholeNumber(1, tenYears)),
});

export const keyChange = v.strictObject({ enabled: v.boolean() });

export const rotateCommand = v.strictObject({
  /** How long the old text is still accepted beside the new one. */
  overlapSeconds: v.optional(wholeNumber(0, 86_400), 0),
});

export const keysQuery = v.strictObject({
  cursor: v.optional(v.pipe(v.string(), v.regex(/^[0-9A-Za-z]{1,64}$/, 'is not a cursor of this service'))),
});

const shown = {
  keyId: v.string(),
  name: v.string(),
  tenant: v.optional(v.string()),
  grants: v.array(grantSchema),
  expiresAt: v.optional(timestamp),
};

export const keyAnswer = v.object({
  ...shown,
  enabled: v.boolean(),
  createdAt: timestamp,
  createdBy: v.object({ kind: v.picklist(principalKinds), sub: v.string() }),
  /** To within ten minutes. */
  lastUsedAt: v.optional(timestamp),
});

export const keysAnswer = v.object({ keys: v.array(keyAnswer), cursor: v.optional(v.string()) });

/** For S3 tools; absent where no embedded store takes it. */
const s3 = v.optional(v.object({ accessKeyId: v.string(), secretAccessKey: v.string() }));

export const newKeyAnswer = v.object({ ...shown, key: v.string(), s3 });

export const rotatedKeyAnswer = v.object({
  keyId: v.string(),
  key: v.string(),
  s3,
  previousUntil: v.optional(timestamp),
});
