import * as v from 'valibot';
import { timestamp } from '../http/schema.ts';
import { grantSchema } from './grant-schema.ts';
import { actions } from './grants.ts';
import { lineageSchema } from './lineage.ts';
import { prefixName } from './prefix-template.ts';
import { principalKinds } from './principal.ts';

/** The longest life of a delegated token. */
export const maxTokenSeconds = 43_200;

export const tokenCommand = v.pipe(
  v.strictObject({
    grants: v.pipe(v.array(grantSchema), v.minLength(1), v.maxLength(50)),
    expiresInSeconds: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxTokenSeconds)),
      900,
    ),
    sub: v.optional(prefixName),
    tenant: v.optional(prefixName),
    /** For one upload or one download. */
    singleUse: v.optional(v.boolean()),
  }),
  v.forward(
    v.check(
      ({ singleUse, grants: [grant, ...others] }) =>
        !singleUse ||
        (others.length === 0 &&
          grant?.effect !== 'deny' &&
          grant?.actions.length === 1 &&
          (grant.actions[0] === 'read' || grant.actions[0] === 'write')),
      'takes exactly one grant, which allows either "read" or "write"',
    ),
    ['singleUse'],
  ),
);

export type TokenCommand = v.InferOutput<typeof tokenCommand>;

/** What a delegated token holds under its seal. */
export const tokenClaims = v.strictObject({
  sub: v.string(),
  tenant: v.optional(v.string()),
  grants: v.array(grantSchema),
  lineage: lineageSchema,
  singleUse: v.optional(v.literal(true)),
});

export const revokeCommand = v.strictObject({
  tokenId: v.pipe(v.string(), v.regex(/^[\w-]{16}$/, 'is not the id of a token')),
});

export const tokenAnswer = v.object({
  /** To revoke the token by. */
  tokenId: v.string(),
  token: v.string(),
  expiresAt: timestamp,
  grants: v.array(grantSchema),
});

const action = v.picklist(actions);

/** `read:bucket/key`: an act to be explained. */
const actText = v.pipe(
  v.string(),
  v.regex(
    new RegExp(`^(?:${actions.join('|')}):[^/]+/`),
    `must be ${actions.join(', ')}, a colon, and bucket/key`,
  ),
  v.transform((text) => {
    const colon = text.indexOf(':');
    const slash = text.indexOf('/');
    return {
      action: v.parse(action, text.slice(0, colon)),
      bucket: text.slice(colon + 1, slash),
      key: text.slice(slash + 1),
    };
  }),
);

export const meQuery = v.strictObject({ explain: v.optional(actText) });

export const meAnswer = v.object({
  principal: v.object({ kind: v.picklist(principalKinds), sub: v.string() }),
  tenant: v.optional(v.string()),
  grants: v.array(grantSchema),
  expiresAt: v.optional(timestamp),
  serverTime: timestamp,
  /** Where `explain` asks for it: the grant that allows the act, or what is lacking. */
  explanation: v.optional(
    v.object({
      allowed: v.boolean(),
      grant: v.optional(grantSchema),
      code: v.optional(v.string()),
      detail: v.optional(v.string()),
    }),
  ),
});

export const signInAnswer = v.object({
  providers: v.array(
    v.object({ issuer: v.string(), clientId: v.string(), audience: v.string(), scope: v.string() }),
  ),
});
