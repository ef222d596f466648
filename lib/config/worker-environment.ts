import * as v from 'valibot';
import { parseVariables, type Variables } from './environment.ts';
import {
  lambdaSettings,
  lambdaVariables,
  secretArn,
  storageSettings,
  storageVariables,
} from './lambda-environment.ts';

/** The variables of the functions that work on a queue, or from time to time: see `lambda-environment.ts`. */

const queueVariables = {
  /** The queue that Lambda hands messages over from, and the one for those that are set aside. */
  STOWAGE_QUEUE_URL: v.pipe(v.string(), v.url()),
  STOWAGE_DEAD_LETTER_QUEUE_URL: v.pipe(v.string(), v.url()),
};

const objectEventsSchema = v.pipe(
  v.object({
    ...lambdaVariables,
    ...storageVariables,
    ...queueVariables,
    STOWAGE_TABLE_NAME: v.string(),
    STOWAGE_DELIVERY_QUEUE_URL: v.optional(v.pipe(v.string(), v.url())),
  }),
  v.transform((variables) => ({
    ...lambdaSettings(variables),
    ...storageSettings(variables),
    recordsTable: variables.STOWAGE_TABLE_NAME,
    queueUrl: variables.STOWAGE_QUEUE_URL,
    deadLetterQueueUrl: variables.STOWAGE_DEAD_LETTER_QUEUE_URL,
    deliveryQueueUrl: variables.STOWAGE_DELIVERY_QUEUE_URL,
  })),
);

/** @throws {@link ConfigError} with every fault */
export function parseObjectEventsEnvironment(variables: Variables): v.InferOutput<typeof objectEventsSchema> {
  return parseVariables(variables, objectEventsSchema);
}

const webhookDeliverySchema = v.pipe(
  v.object({ ...lambdaVariables, ...storageVariables, ...queueVariables, STOWAGE_TABLE_NAME: v.string() }),
  v.transform((variables) => ({
    ...lambdaSettings(variables),
    configPath: variables.STOWAGE_CONFIG,
    dynamodbUrl: variables.AWS_ENDPOINT_URL_DYNAMODB,
    recordsTable: variables.STOWAGE_TABLE_NAME,
    queueUrl: variables.STOWAGE_QUEUE_URL,
    deadLetterQueueUrl: variables.STOWAGE_DEAD_LETTER_QUEUE_URL,
  })),
);

/** @throws {@link ConfigError} with every fault */
export function parseWebhookDeliveryEnvironment(
  variables: Variables,
): v.InferOutput<typeof webhookDeliverySchema> {
  return parseVariables(variables, webhookDeliverySchema);
}

const maintenanceSchema = v.pipe(
  v.object({
    ...lambdaVariables,
    ...storageVariables,
    STOWAGE_TABLE_NAME: v.string(),
    STOWAGE_DELIVERY_QUEUE_URL: v.optional(v.pipe(v.string(), v.url())),
    /** How old it is, is measured. */
    STOWAGE_SIGNING_SECRET_ARN: secretArn,
  }),
  v.transform((variables) => ({
    ...lambdaSettings(variables),
    ...storageSettings(variables),
    recordsTable: variables.STOWAGE_TABLE_NAME,
    deliveryQueueUrl: variables.STOWAGE_DELIVERY_QUEUE_URL,
    signingSecretArn: variables.STOWAGE_SIGNING_SECRET_ARN,
  })),
);

/** @throws {@link ConfigError} with every fault */
export function parseMaintenanceEnvironment(variables: Variables): v.InferOutput<typeof maintenanceSchema> {
  return parseVariables(variables, maintenanceSchema);
}
