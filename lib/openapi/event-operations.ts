import { eventsAnswer, eventsQuery } from '../events/schema.ts';
import type { Operation } from './operation.ts';

/** The routes of those who look on. */
export const eventOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/events',
    operationId: 'listEvents',
    tag: 'Events',
    summary:
      'What happens to the objects of a bucket, as it happens: ask again with the `cursor` as `after`. Takes `list` over the prefix. Begins now, or `sinceSeconds` ago, at most an hour; now and then an event comes twice, with the same id',
    query: eventsQuery,
    answer: { status: 200, description: 'Events in the order in which they came.', schema: eventsAnswer },
  },
];
