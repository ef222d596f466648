import { parseOwnFunctionEnvironment } from '../config/worker-environment.ts';
import { objectEventWork } from '../events/object-event-work.ts';
import type { ObjectEvent } from '../events/object-event.ts';
import type { Subscriber } from '../events/subscriber.ts';
import { openSqsQueue } from '../queue/sqs.ts';
import { bucketOfName } from '../storage/endpoint.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { type SqsHandler, sqsHandler } from './sqs-batch.ts';

/**
 * What a team itself does on a change in a bucket. An event comes at least once, now and then twice: `event.id` is the
 * same then. An error means: try again later.
 */
export type OnObjectEvent = (event: ObjectEvent, tools: { readonly log: Log }) => Promise<void>;

export interface OwnFunction {
  /** For the process, as one subscriber among the others. */
  readonly subscriber: (log: Log) => Subscriber;
  /** For Lambda, with a queue and a role of its own: see `infra/events/own-function.ts`. */
  readonly handler: SqsHandler;
}

/** Makes a function of one's own run on every host, from `functions/on-object-event.ts`. */
export function ownFunction(onObjectEvent: OnObjectEvent): OwnFunction {
  let handle: SqsHandler | undefined;
  return {
    subscriber: (log) => ({ name: 'own', onEvent: (event) => onObjectEvent(event, { log }) }),
    // The process has no such environment, and never calls it.
    handler: (batch) => (handle ??= openOnLambda(onObjectEvent))(batch),
  };
}

function openOnLambda(onObjectEvent: OnObjectEvent): SqsHandler {
  const environment = parseOwnFunctionEnvironment(process.env);
  const log = createLog((line) => process.stdout.write(`${line}\n`));
  return sqsHandler(
    objectEventWork(
      { queue: openSqsQueue(environment), log },
      { tell: (event) => onObjectEvent(event, { log }) },
      (name) => bucketOfName(environment.endpoint, name),
    ),
  );
}
