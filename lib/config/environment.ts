import * as v from 'valibot';
import { customEndpoint } from '../storage/endpoint.ts';
import { ConfigError } from './load.ts';

/** What the environments of all hosts share. */

/** An S3 server's address. */
export const s3Endpoint = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return customEndpoint(dataset.value);
    } catch (error) {
      addIssue({ message: error instanceof Error ? error.message : 'is not an endpoint' });
      return NEVER;
    }
  }),
);

export const awsRegion = v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'must be a region such as eu-west-1'));

/** A switch that is off unless it is set. */
export const flag = v.optional(
  v.pipe(
    v.picklist(['true', 'false'], 'must be true or false'),
    v.transform((text) => text === 'true'),
  ),
  'false',
);

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads variables by a schema. An empty one counts as absent.
 *
 * @throws {@link ConfigError} with every fault
 */
export function parseVariables<T>(variables: Variables, schema: v.GenericSchema<unknown, T>): T {
  const present = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = v.safeParse(schema, present);
  if (result.success) return result.output;
  throw new ConfigError(
    'The environment',
    result.issues.map((issue) => [v.getDotPath(issue), explain(issue)].filter(Boolean).join(' ')),
  );
}

function explain({ received, message }: v.BaseIssue<unknown>): string {
  return received === 'undefined' ? 'must be set' : message;
}
