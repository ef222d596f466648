import * as v from 'valibot';
import { bucketName, contentTypePattern } from '../config/values.ts';
import { actions } from './grants.ts';
import { keyPrefix } from './object-key.ts';

const grantObject = v.strictObject({
  /** `deny` goes before every `allow`, and takes no limits. */
  effect: v.optional(v.picklist(['allow', 'deny'])),
  bucket: v.union([bucketName, v.literal('*')]),
  /** May hold `${sub}` and `${tenant}`, filled in when the grant is given to somebody. */
  prefix: v.optional(keyPrefix, ''),
  actions: v.pipe(v.array(v.picklist(actions)), v.minLength(1)),
  maxObjectBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  contentTypes: v.optional(v.pipe(v.array(contentTypePattern), v.minLength(1))),
});

/** A denial of what is too large would leave open whether it denies what is small. */
const denialsHaveNoLimits = <T extends v.InferOutput<typeof grantObject>>() =>
  v.check<T, string>(
    ({ effect, maxObjectBytes, contentTypes }) =>
      effect !== 'deny' || (maxObjectBytes === undefined && contentTypes === undefined),
    'denies, and so takes neither maxObjectBytes nor contentTypes',
  );

/** A grant as the API and `stowage.json` write it. */
export const grantSchema = v.pipe(grantObject, denialsHaveNoLimits());

/** A grant for everybody whose claims are as `when` says. */
export const grantRule = v.pipe(
  v.strictObject({
    ...grantObject.entries,
    /** Each claim must equal its value, or be a list that holds it. Default: no condition. */
    when: v.optional(
      v.record(v.pipe(v.string(), v.nonEmpty()), v.union([v.string(), v.number(), v.boolean()])),
      {},
    ),
  }),
  denialsHaveNoLimits(),
);
