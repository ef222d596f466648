import * as v from 'valibot';
import { parseVariables, type Variables } from './environment.ts';
import {
  lambdaSettings,
  lambdaVariables,
  secretArn,
  storageSettings,
  storageVariables,
  webhookVariables,
} from './lambda-environment.ts';

/** The variables of the functions that work on a queue, or from time to time: see `lambda-environment.ts`. */

const workerVariables = {
  ...lambdaVariables,
  ...storageVariables,
  /** The queue that Lambda hands messages over from, and the one for those that are set aside. */
  STOWAGE_QUEUE_URL: v.pipe(v.string(), v.url()),
  STOWAGE_DEAD_LETTER_QUEUE_URL: v.pipe(v.string(), v.url()),
};

const workerVariablesSchema = v.object(workerVariables);

function workerSettings(variables: v.InferOutput<typeof workerVariablesSchema>) {
  return {
    ...lambdaSettings(variables),
    ...storageSettings(variables),
    queueUrl: variables.STOWAGE_QUEUE_URL,
    deadLetterQueueUrl: variables.STOWAGE_DEAD_LETTER_QUEUE_URL,
  };
}

const objectEventsSchema = v.pipe(
  v.object({
    ...workerVariables,
    STOWAGE_TABLE_NAME: v.string(),
    STOWAGE_DELIVERY_QUEUE_URL: v.pipe(v.string(), v.url()),
  }),
  v.transform((variables) => ({
    ...workerSettings(variables),
    recordsTable: variables.STOWAGE_TABLE_NAME,
    deliveryQueueUrl: variables.STOWAGE_DELIVERY_QUEUE_URL,
  })),
);

/** @throws {@link ConfigError} with every fault */
export function parseObjectEventsEnvironment(variables: Variables): v.InferOutput<typeof objectEventsSchema> {
  return parseVariables(variables, objectEventsSchema);
}

const webhookDeliverySchema = v.pipe(
  v.object({ ...workerVariables, ...webhookVariables, STOWAGE_TABLE_NAME: v.string() }),
  v.transform((variables) => ({
    ...workerSettings(variables),
    recordsTable: variables.STOWAGE_TABLE_NAME,
    webhookTargets: { allowLoopback: variables.STOWAGE_WEBHOOK_ALLOW_LOOPBACK },
  })),
);

/** @throws {@link ConfigError} with every fault */
export function parseWebhookDeliveryEnvironment(
  variables: Variables,
): v.InferOutput<typeof webhookDeliverySchema> {
  return parseVariables(variables, webhookDeliverySchema);
}

/** Of a team's own function. @throws {@link ConfigError} with every fault */
export function parseOwnFunctionEnvironment(variables: Variables): ReturnType<typeof workerSettings> {
  return workerSettings(parseVariables(variables, workerVariablesSchema));
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
