import type { ObjectEvent } from './object-event.ts';

/**
 * Orders the sequencers of one key, as S3 says: the shorter one is filled up with zeros on its right, then they compare
 * as texts. Those of different keys say nothing of each other.
 *
 * @returns negative, zero or positive, as for sorting
 */
export function compareSequencers(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  const paddedA = a.padEnd(length, '0');
  const paddedB = b.padEnd(length, '0');
  if (paddedA === paddedB) return 0;
  return paddedA < paddedB ? -1 : 1;
}

/** What is remembered of a key: the last of its events that has taken effect. */
export type LastEvent = Pick<ObjectEvent, 'id' | 'sequencer'>;

/**
 * How an event stands to the last one of its key, for whoever keeps the state of objects: `stale` is what came late,
 * behind a newer one. An event without a sequencer, such as that of a tag, has no order and is never stale.
 */
export function arrivalOf(event: LastEvent, last: LastEvent | undefined): 'new' | 'duplicate' | 'stale' {
  if (!last) return 'new';
  if (event.id === last.id) return 'duplicate';
  if (event.sequencer === undefined || last.sequencer === undefined) return 'new';
  return compareSequencers(event.sequencer, last.sequencer) < 0 ? 'stale' : 'new';
}
