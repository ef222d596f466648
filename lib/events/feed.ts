import * as v from 'valibot';
import type { RecordPage, Records, StoredRecord } from '../records/port.ts';
import type { FanOutDeps } from './fan-out.ts';
import type { ObjectEvent } from './object-event.ts';
import { compareSequencers } from './order.ts';
import type { Subscriber } from './subscriber.ts';
import { tell, type Telling, telling } from './telling.ts';

/**
 * What has happened lately in the buckets, for those who look on: each event is kept for an hour, in the order in which
 * it came here.
 *
 * Whoever reads on is to miss nothing that is written late. So readers stay {@link settleMilliseconds} behind, and who
 * took longer to write writes once more, at a later place. The events of a bucket stand in some partitions side by side,
 * since DynamoDB writes about 1,000 times a second to one.
 */

export const keptSeconds = 3600;
const settleMilliseconds = 1000;
const shards = ['0', '1', '2', '3'] as const;
/** So many records of a shard are looked at for one answer. */
const stretch = 500;

export interface FedEvent extends Telling {
  readonly eventId: string;
}

/** Brings each event into the feed. */
export function feedEvents({ records, now }: Pick<FanOutDeps, 'records' | 'now'>): Subscriber {
  return { name: 'feed', onEvent: (event) => feed(records, event, now) };
}

async function feed(records: Records, event: ObjectEvent, now: () => Date): Promise<void> {
  const { id, bucket } = event;
  const shard = shards[(id.codePointAt(id.length - 1) ?? 0) % shards.length] ?? '0';
  for (;;) {
    const time = now();
    await records.put({
      partition: partitionOf(bucket, shard),
      sort: `${positionOf(time)} ${id}`,
      value: tell(event),
      expiresAt: new Date(time.getTime() + keptSeconds * 1000),
    });
    if (now().getTime() - time.getTime() < settleMilliseconds) return;
  }
}

export interface FeedQuery {
  readonly bucket: string;
  /** Which events are wanted. */
  readonly isWanted: (event: FedEvent) => boolean;
  /** A position: where to begin. */
  readonly after: string;
  readonly limit: number;
}

export interface FeedPage {
  /** In the order in which they came; those of one key in the key's own order. */
  readonly events: readonly FedEvent[];
  /** Where the next page begins. */
  readonly position: string;
  /** Is there more to read at once? */
  readonly isMore: boolean;
}

export async function readFeed(
  records: Records,
  { bucket, isWanted, after, limit }: FeedQuery,
  now: Date,
): Promise<FeedPage> {
  const settled = positionAt(now, 0);
  const pages = await Promise.all(
    shards.map((shard) => records.list(partitionOf(bucket, shard), { after, limit: stretch })),
  );
  const end = earliest(settled, ...pages.flatMap(lastOfFull));
  const found = inOrder(pages, end)
    .map(readEvent)
    .filter(({ event }) => isWanted(event));
  const shown = found.slice(0, limit);
  const isCut = shown.length < found.length;
  return {
    events: inKeyOrder(shown.map(({ event }) => event)),
    position: isCut ? (shown.at(-1)?.position ?? after) : latest(after, end),
    isMore: isCut || end < settled,
  };
}

/** The place in the feed before what has come here in the last seconds; as of now, behind all that can be read. */
export function positionAt(now: Date, secondsAgo: number): string {
  return positionOf(new Date(now.getTime() - Math.max(settleMilliseconds, secondsAgo * 1000)));
}

function positionOf(time: Date): string {
  return String(time.getTime()).padStart(13, '0');
}

/** What is behind the last record of a page is not known, unless it is the last page. */
function lastOfFull({ records, next }: RecordPage): string[] {
  const last = records.at(-1);
  return next !== undefined && last ? [last.sort] : [];
}

function inOrder(pages: readonly RecordPage[], end: string): readonly StoredRecord[] {
  return pages
    .flatMap(({ records }) => records)
    .filter(({ sort }) => sort <= end)
    .sort((a, b) => (a.sort < b.sort ? -1 : 1));
}

/** Where events of a key came in the wrong order, they change their places. */
function inKeyOrder(events: readonly FedEvent[]): readonly FedEvent[] {
  const byKey = Map.groupBy(events, ({ data }) => data.key);
  for (const ofKey of byKey.values()) {
    if (ofKey.some(({ data }) => data.sequencer === undefined)) continue;
    ofKey.sort((a, b) => compareSequencers(a.data.sequencer ?? '', b.data.sequencer ?? ''));
  }
  return events.flatMap(({ data }) => byKey.get(data.key)?.shift() ?? []);
}

function readEvent({ sort, value }: StoredRecord): { readonly position: string; readonly event: FedEvent } {
  const eventId = sort.slice(sort.indexOf(' ') + 1);
  return { position: sort, event: { eventId, ...v.parse(telling, value) } };
}

function earliest(...positions: readonly string[]): string {
  return positions.reduce((a, b) => (a < b ? a : b));
}

function latest(...positions: readonly string[]): string {
  return positions.reduce((a, b) => (a > b ? a : b));
}

function partitionOf(bucket: string, shard: string): string {
  return `recent-events/${bucket}/${shard}`;
}
