import * as v from 'valibot';
import { bucketName, contentTypePattern } from '../config/values.ts';
import { actions } from './grants.ts';
import { keyPrefix } from './object-key.ts';

/** A grant as the API and `stowage.json` write it. */
export const grantSchema = v.strictObject({
  bucket: v.union([bucketName, v.literal('*')]),
  /** May hold `${sub}` and `${tenant}`, filled in when the grant is given to somebody. */
  prefix: v.optional(keyPrefix, ''),
  actions: v.pipe(v.array(v.picklist(actions)), v.minLength(1)),
  maxObjectBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  contentTypes: v.optional(v.pipe(v.array(contentTypePattern), v.minLength(1))),
});
