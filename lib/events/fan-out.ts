import * as v from 'valibot';
import { PermanentError } from '../queue/errors.ts';
import type { Records } from '../records/port.ts';
import type { ObjectEvent } from './object-event.ts';
import { maxSubscriberSeconds, type Subscriber } from './subscriber.ts';

/** Brings events to all who have subscribed. */
export interface FanOut {
  /**
   * Tells every subscriber that has not yet taken note of the event, all at once, each without regard to the others.
   *
   * @throws Error naming the subscribers that failed: only those are told when it comes again. A {@link PermanentError}
   * when none of them wants to be told again.
   */
  readonly tell: (event: ObjectEvent) => Promise<void>;
}

export interface FanOutDeps {
  readonly subscribers: readonly Subscriber[];
  readonly records: Records;
  readonly now: () => Date;
}

/** Longer than a message can wait: 4 days in the queue, then 14 among the dead letters. */
const rememberedDays = 20;

const progressSchema = v.object({ done: v.array(v.string()) });

/**
 * Only where some subscribers have failed it is remembered which have not: most events then need no write, and one that
 * comes twice finds subscribers that know it already.
 */
export function createFanOut({ subscribers, records, now }: FanOutDeps): FanOut {
  async function doneWith({ id }: ObjectEvent): Promise<ReadonlySet<string> | undefined> {
    const record = await records.get(partitionOf(id), 'progress');
    return record && new Set(v.parse(progressSchema, record.value).done);
  }

  async function remember({ id }: ObjectEvent, done: readonly string[]): Promise<void> {
    const expiresAt = new Date(now().getTime() + rememberedDays * 86_400_000);
    await records.put({ partition: partitionOf(id), sort: 'progress', value: { done }, expiresAt });
  }

  return {
    tell: async (event) => {
      const known = await doneWith(event);
      const due = subscribers.filter(({ name }) => !known?.has(name));
      const endings = await Promise.all(
        due.map(async ({ name, onEvent }) => ({ name, failure: await failureOf(() => onEvent(event)) })),
      );
      const failures = endings.flatMap(({ name, failure }) => (failure ? [{ name, failure }] : []));
      if (failures.length > 0 || known) {
        const done = endings.filter(({ failure }) => !failure).map(({ name }) => name);
        if (done.length > 0) await remember(event, [...(known ?? []), ...done]);
      }
      if (failures.length > 0) throw together(failures);
    },
  };
}

function partitionOf(id: string): string {
  return `event/${id}`;
}

async function failureOf(work: () => Promise<void>): Promise<Error | undefined> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`It has taken more than ${maxSubscriberSeconds} seconds.`)),
    maxSubscriberSeconds * 1000,
  );
  try {
    await Promise.race([work(), tooLate]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
  }
}

function together(failures: readonly { readonly name: string; readonly failure: Error }[]): Error {
  const message = failures.map(({ name, failure }) => `${name}: ${failure.message}`).join('; ');
  const cause = new AggregateError(failures.map(({ failure }) => failure));
  return failures.every(({ failure }) => failure instanceof PermanentError)
    ? new PermanentError(message, { cause })
    : new Error(message, { cause });
}
