import * as v from 'valibot';
import { bucketName, wholeNumber } from './values.ts';

/**
 * What can be changed while the service runs: in AWS by AppConfig, in the process by editing `stowage.json`. What stands
 * in the file counts until something else is known.
 */
export const flagsSchema = v.strictObject({
  /** These take no changes by callers for now: no upload is begun or made of its parts, nothing is deleted, no rule set. `*` is every bucket. */
  readOnlyBuckets: v.optional(v.array(v.union([v.literal('*'), bucketName])), []),
  /** No address that is signed counts longer, whatever a caller asks for. */
  maxUrlLifetimeSeconds: v.optional(wholeNumber(1, 604_800), 604_800),
});

export type Flags = v.InferOutput<typeof flagsSchema>;

/** The same as a JSON Schema, in the version that AppConfig reads: by it a change is refused before it goes anywhere. */
export function flagsJsonSchema(bucketNames: readonly string[]): object {
  return {
    $schema: 'http://json-schema.org/draft-04/schema#',
    type: 'object',
    additionalProperties: false,
    properties: {
      readOnlyBuckets: { type: 'array', items: { enum: ['*', ...bucketNames] } },
      maxUrlLifetimeSeconds: { type: 'integer', minimum: 1, maximum: 604_800 },
    },
  };
}
