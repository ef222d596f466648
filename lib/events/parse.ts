import * as v from 'valibot';
import { eventBridgeMessage, fromEventBridge } from './event-bridge.ts';
import { PermanentError } from '../queue/errors.ts';
import { fromGuardDuty, guardDutyMessage } from './guard-duty.ts';
import { identified, type ObjectChange, type ObjectEvent } from './object-event.ts';
import { fromS3Record, s3Record } from './s3-notification.ts';

/** A message that is no event of S3's: trying again does not help. */
export class UnreadableEventError extends PermanentError {
  override readonly name = 'UnreadableEventError';
}

/** What S3 sends to try out a new configuration. */
const testMessage = v.object({ Event: v.literal('s3:TestEvent') });
const notification = v.object({ Records: v.array(s3Record) });

/**
 * Reads a message in which storage tells of changes: the only place that knows its shapes.
 *
 * @param text - as it was sent: an event of EventBridge's, or a notification of the older kind, which can hold several
 * @param bucketOf - gives a bucket's name in `stowage.json` for its name in storage. Default: they are the same
 * @returns the events in the message's order, without those of a type that is not known here
 * @throws {@link UnreadableEventError}
 */
export function parseObjectEvents(
  text: string,
  bucketOf: (nameInStorage: string) => string = (name) => name,
): readonly ObjectEvent[] {
  return changesIn(parseJson(text)).map((change) =>
    identified({ ...change, bucket: bucketOf(change.bucket) }),
  );
}

function changesIn(message: unknown): readonly ObjectChange[] {
  if (v.is(testMessage, message)) return [];
  if (v.is(v.object({ Records: v.unknown() }), message)) {
    return read(notification, message).Records.flatMap((record) => decoded(() => fromS3Record(record)) ?? []);
  }
  if (v.is(v.object({ source: v.literal('aws.guardduty') }), message)) {
    return [fromGuardDuty(read(guardDutyMessage, message))];
  }
  const change = fromEventBridge(read(eventBridgeMessage, message));
  return change ? [change] : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreadableEventError('The message is not JSON.', { cause });
  }
}

function read<T>(schema: v.GenericSchema<unknown, T>, message: unknown): T {
  const result = v.safeParse(schema, message);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => `${v.getDotPath(issue) ?? '(message)'}: ${issue.message}`);
  throw new UnreadableEventError(`The message is no event of S3's: ${faults.join('; ')}`);
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new UnreadableEventError('The key in the message cannot be decoded.', { cause });
  }
}
