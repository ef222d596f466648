import * as v from 'valibot';
import { pageLimit, timestamp } from '../http/schema.ts';
import { deliveryStatuses, messageTypes } from './delivery-records.ts';

export const deliveriesQuery = v.strictObject({
  limit: v.optional(pageLimit(100), '50'),
  cursor: v.optional(
    v.pipe(v.string(), v.regex(/^[0-9a-z]{9}_[\w-]{22}$/, 'is not a cursor of this service')),
  ),
});

const time = v.pipe(v.string(), v.isoTimestamp('must be a time in RFC 3339'), v.toDate());

/** A stretch of time, by when the events happened. */
export const replayCommand = v.pipe(
  v.strictObject({
    from: time,
    /** Default: now. */
    to: v.optional(time),
    /** Default: all that are not pending. */
    status: v.optional(v.picklist(['succeeded', 'failed'])),
  }),
  v.forward(
    v.partialCheck(
      [['from'], ['to']],
      ({ from, to }) => to === undefined || from <= to,
      'must not be before from',
    ),
    ['to'],
  ),
);

export const acceptedAnswer = v.object({ deliveryId: v.string() });

const attemptFields = {
  at: timestamp,
  statusCode: v.optional(v.number()),
  /** Why there was no answer. */
  error: v.optional(v.string()),
  durationMilliseconds: v.number(),
};

const deliveryFields = {
  deliveryId: v.string(),
  webhookId: v.string(),
  eventId: v.string(),
  type: v.picklist(messageTypes),
  /** What it is about; absent of a ping. */
  object: v.optional(v.object({ bucket: v.string(), key: v.string() })),
  status: v.picklist(deliveryStatuses),
  /** When it is to be sent next; absent when it is not pending. */
  nextAttemptAt: v.optional(timestamp),
};

export const deliveriesAnswer = v.object({
  deliveries: v.array(v.object({ ...deliveryFields, attempts: v.array(v.object(attemptFields)) })),
  cursor: v.optional(v.string()),
});

export const deliveryAnswer = v.object({
  ...deliveryFields,
  /** What is sent. */
  body: v.string(),
  attempts: v.array(
    v.object({
      ...attemptFields,
      /** The beginning of the answer. */
      response: v.optional(v.string()),
    }),
  ),
});

export const replayAnswer = v.object({
  webhookId: v.string(),
  from: timestamp,
  to: timestamp,
  status: v.optional(v.picklist(['succeeded', 'failed'])),
});
