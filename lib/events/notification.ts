import { StowageError } from '../errors.ts';
import { toBody } from '../queue/limits.ts';
import type { NewMessage, Queue } from '../queue/port.ts';
import type { NotificationCommand } from './notification-schema.ts';
import { parseObjectEvents, UnreadableEventError } from './parse.ts';

/** Changes that storage tells of, ready for the queue of object events. */
export interface Notification {
  readonly buckets: ReadonlySet<string>;
  /** One for each change, so that one which fails holds up none of the others. */
  readonly messages: readonly NewMessage[];
}

/** What it takes to hear of a storage that calls: only hosts that can have one load it. */
export interface Notifications {
  /** @throws {@link StowageError} `invalid_request` for what is no event of S3's */
  readonly read: (command: NotificationCommand) => Notification;
  /** To the queue of object events. */
  readonly send: Queue['send'];
}

export function createNotifications(objectEvents: Pick<Queue, 'send'>): Notifications {
  return { read: readNotification, send: objectEvents.send };
}

/**
 * Takes a notification apart. Changes of a type that is not known are left out: nobody here waits for them.
 */
function readNotification({ Records: records, ...rest }: NotificationCommand): Notification {
  const buckets = new Set<string>();
  const messages: NewMessage[] = [];
  for (const part of records ? records.map((record) => ({ Records: [record] })) : [rest]) {
    const body = toBody(part);
    const events = readable(body);
    for (const { bucket } of events) buckets.add(bucket);
    if (events.length > 0) messages.push({ body });
  }
  return { buckets, messages };
}

function readable(body: string) {
  try {
    return parseObjectEvents(body);
  } catch (error) {
    if (!(error instanceof UnreadableEventError)) throw error;
    throw new StowageError('invalid_request', error.message, { cause: error });
  }
}
