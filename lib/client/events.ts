import { sleep } from './abort.ts';
import type { Api } from './api.ts';
import type { EventPage, ObjectEvent } from './event-contract.ts';

export interface EventPlace {
  readonly bucket: string;
  /** Default: the whole bucket. */
  readonly prefix?: string;
  /** Begin so long ago: at most an hour. Default: now. */
  readonly sinceSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface EventCalls {
  /** One page. @param query - `after`: the `cursor` of the page before */
  list(query: EventPlace & { readonly after?: string; readonly limit?: number }): Promise<EventPage>;
  /** What happens, as it happens, each event once. Ends only with the signal, or by an error. */
  follow(place: EventPlace): AsyncGenerator<ObjectEvent, void, undefined>;
}

/** Between two questions, where there was nothing more to tell. */
const pauseMilliseconds = 1000;
/** So many events are remembered, so that none is told twice. */
const remembered = 5000;

export function eventCalls(api: Api): EventCalls {
  const list: EventCalls['list'] = ({ signal, ...query }) =>
    api.request({ method: 'GET', path: '/v1/events', query, signal });

  async function* follow(place: EventPlace): AsyncGenerator<ObjectEvent, void, undefined> {
    const told = new Set<string>();
    for (let after: string | undefined; ;) {
      const { events, cursor, isMore } = await list({
        ...place,
        limit: 1000,
        ...(after !== undefined && { after }),
      });
      for (const event of events) {
        if (told.has(event.eventId)) continue;
        told.add(event.eventId);
        yield event;
      }
      for (const oldest of told) {
        if (told.size <= remembered) break;
        told.delete(oldest);
      }
      after = cursor;
      if (!isMore) await sleep(pauseMilliseconds, place.signal);
    }
  }

  return { list, follow };
}
