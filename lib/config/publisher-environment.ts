import * as v from 'valibot';
import { awsEndpoint } from '../storage/endpoint.ts';
import { awsRegion, parseVariables, s3Endpoint, type Variables } from './environment.ts';

/** The variables of the function that publishes the console: one from the CDK app, the others from Lambda itself. */
const schema = v.pipe(
  v.object({
    STOWAGE_CONSOLE_BUCKET: v.string(),
    STOWAGE_S3_ENDPOINT: v.optional(s3Endpoint),
    AWS_REGION: awsRegion,
    AWS_ACCESS_KEY_ID: v.string(),
    AWS_SECRET_ACCESS_KEY: v.string(),
    AWS_SESSION_TOKEN: v.optional(v.string()),
  }),
  v.transform((variables) => ({
    bucket: variables.STOWAGE_CONSOLE_BUCKET,
    region: variables.AWS_REGION,
    endpoint: variables.STOWAGE_S3_ENDPOINT ?? awsEndpoint(variables.AWS_REGION),
    credentials: {
      accessKeyId: variables.AWS_ACCESS_KEY_ID,
      secretAccessKey: variables.AWS_SECRET_ACCESS_KEY,
      ...(variables.AWS_SESSION_TOKEN !== undefined && { sessionToken: variables.AWS_SESSION_TOKEN }),
    },
  })),
);

/** @throws {@link ConfigError} with every fault */
export function parsePublisherEnvironment(variables: Variables): v.InferOutput<typeof schema> {
  return parseVariables(variables, schema);
}
