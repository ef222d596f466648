import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { objectEventTypes } from '../events/object-event.ts';
import type { Change, Records, StoredRecord } from '../records/port.ts';

/**
 * Deliveries as records: one for each event and webhook, in the order of the events, and beside it, as long as the
 * delivery is pending, one that says when it is due.
 */

/** For so long after its last beginning a delivery is kept, with all that came of it. */
export const keptDays = 7;

/** More attempts, the oldest ones, are forgotten. */
const keptAttempts = 30;

const date = v.pipe(v.string(), v.isoTimestamp(), v.toDate());

const attempt = v.object({
  at: date,
  statusCode: v.optional(v.number()),
  /** Why there was no answer. */
  error: v.optional(v.string()),
  /** The beginning of the answer. */
  response: v.optional(v.string()),
  durationMilliseconds: v.number(),
});

export type Attempt = Readonly<v.InferOutput<typeof attempt>>;

export const deliveryStatuses = ['pending', 'succeeded', 'failed'] as const;

/** What a body says that it is about: an event, or a try-out. */
export const messageTypes = [...objectEventTypes, 'webhook.ping'] as const;

const storedDelivery = v.object({
  eventId: v.string(),
  type: v.picklist(messageTypes),
  /** What it is about; absent of a try-out. */
  object: v.optional(v.object({ bucket: v.string(), key: v.string() })),
  /** What is sent, letter by letter. */
  body: v.string(),
  status: v.picklist(deliveryStatuses),
  /** When it is to be sent next; absent when it is not pending. */
  dueAt: v.optional(date),
  /** Since when it is being tried: it was made then, or wanted once more. */
  since: date,
  /** Since then. */
  tries: v.number(),
  attempts: v.array(attempt),
});

export interface Delivery extends Readonly<v.InferOutput<typeof storedDelivery>> {
  readonly deliveryId: string;
}

export interface NewDelivery extends Pick<Delivery, 'eventId' | 'type' | 'object' | 'body'> {
  readonly webhookId: string;
  /** When it happened. */
  readonly time: Date;
}

/** `dlv_`, the webhook's own 16 characters, the event's time and a hash of its id: an event and a webhook give one id. */
const idForm = /^dlv_([\w-]{16})_([0-9a-z]{9}_[\w-]{22})$/;

export function deliveryIdOf({
  webhookId,
  eventId,
  time,
}: Pick<NewDelivery, 'webhookId' | 'eventId' | 'time'>): string {
  const hash = createHash('sha256').update(eventId).digest('base64url').slice(0, 22);
  return `dlv_${webhookId.slice('wh_'.length)}_${sortOfTime(time)}_${hash}`;
}

/** The webhook of a delivery; `undefined` for what is no delivery's id. */
export function webhookIdOf(deliveryId: string): string | undefined {
  const own = idForm.exec(deliveryId)?.[1];
  return own === undefined ? undefined : `wh_${own}`;
}

/** Makes a delivery that is due at once; leaves one alone that is there already. */
export async function addDelivery(
  records: Records,
  { webhookId, eventId, type, object, time, body }: NewDelivery,
  now: Date,
): Promise<string> {
  const deliveryId = deliveryIdOf({ webhookId, eventId, time });
  const delivery: Delivery = {
    deliveryId,
    eventId,
    type,
    object,
    body,
    status: 'pending',
    dueAt: now,
    since: now,
    tries: 0,
    attempts: [],
  };
  await records.transact([{ action: 'put', condition: 'absent', ...toRecord(delivery) }, putDue(delivery)]);
  return deliveryId;
}

/** A delivery as it was found. */
export interface FoundDelivery extends Delivery {
  /** The record's. */
  readonly version: string;
}

export async function findDelivery(records: Records, deliveryId: string): Promise<FoundDelivery | undefined> {
  const key = keyOf(deliveryId);
  const record = key && (await records.get(key.partition, key.sort));
  return record && { ...readDelivery(record), version: record.version };
}

/**
 * Changes a delivery as it stands, and when it is due, however many change it at once.
 *
 * @param known - as it was found before: it is read anew only where it has changed since
 * @returns what stands there now; `undefined` when there is none any more
 */
export async function changeDelivery(
  records: Records,
  deliveryId: string,
  change: (delivery: Delivery) => Delivery,
  known?: FoundDelivery,
): Promise<Delivery | undefined> {
  let found = known ?? (await findDelivery(records, deliveryId));
  while (found) {
    const { version, ...before } = found;
    const changed = change(before);
    const after = { ...changed, attempts: changed.attempts.slice(-keptAttempts) };
    const { done } = await records.transact([
      { action: 'put', condition: { version }, ...toRecord(after) },
      ...moveDue(before, after),
    ]);
    if (done) return after;
    found = await findDelivery(records, deliveryId);
  }
  return undefined;
}

export interface DeliveryQuery {
  readonly limit: number;
  readonly after?: string | undefined;
  /** Only of events from then on, the oldest first. Default: of all, the newest first. */
  readonly from?: Date | undefined;
}

export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  readonly next?: string | undefined;
}

export async function listDeliveries(
  records: Records,
  webhookId: string,
  { limit, after, from }: DeliveryQuery,
): Promise<DeliveryPage> {
  const start = after ?? (from && sortOfTime(from));
  const { records: found, next } = await records.list(partitionOf(webhookId), {
    limit,
    descending: from === undefined,
    ...(start !== undefined && { after: start }),
  });
  return { deliveries: found.map(readDelivery), next };
}

/** The time of a delivery's event. */
export function timeOf({ deliveryId }: Delivery): Date {
  return new Date(Number.parseInt(keyOf(deliveryId)?.sort.slice(0, 9) ?? '', 36));
}

/** A delivery and when it is due. */
export interface Due {
  readonly deliveryId: string;
  readonly dueAt: Date;
}

/** What is or will be due of a webhook, the earliest first. */
export async function listDue(records: Records, webhookId: string, limit: number): Promise<readonly Due[]> {
  const { records: found } = await records.list(duePartition(webhookId), { limit });
  const own = webhookId.slice('wh_'.length);
  return found.map(({ sort }) => ({
    deliveryId: `dlv_${own}_${sort.slice(dueDigits + 1)}`,
    dueAt: new Date(Number(sort.slice(0, dueDigits))),
  }));
}

/** Forgets when something is due that is not there any more. */
export async function forgetDue(records: Records, { deliveryId, dueAt }: Due): Promise<void> {
  const { partition, sort } = dueKey(deliveryId, dueAt);
  await records.delete(partition, sort);
}

const dueDigits = 13;

function moveDue(before: Delivery, after: Delivery): readonly Change[] {
  if (before.dueAt?.getTime() === after.dueAt?.getTime()) return [];
  return [
    ...(before.dueAt ? [{ action: 'delete', ...dueKey(before.deliveryId, before.dueAt) } as const] : []),
    ...(after.dueAt ? [putDue(after)] : []),
  ];
}

function putDue(delivery: Delivery): Change {
  const { deliveryId, dueAt = delivery.since } = delivery;
  return { action: 'put', ...dueKey(deliveryId, dueAt), value: null, expiresAt: endOf(delivery) };
}

function dueKey(deliveryId: string, dueAt: Date) {
  const { webhookId, sort } = demandKey(deliveryId);
  const digits = String(dueAt.getTime()).padStart(dueDigits, '0');
  return { partition: duePartition(webhookId), sort: `${digits} ${sort}` };
}

function demandKey(deliveryId: string) {
  const [, own, sort] = idForm.exec(deliveryId) ?? [];
  if (own === undefined || sort === undefined) throw new TypeError(`"${deliveryId}" is no delivery's id.`);
  const webhookId = `wh_${own}`;
  return { webhookId, partition: partitionOf(webhookId), sort };
}

function keyOf(deliveryId: string): { partition: string; sort: string } | undefined {
  return idForm.test(deliveryId) ? demandKey(deliveryId) : undefined;
}

function partitionOf(webhookId: string): string {
  return `webhook-deliveries/${webhookId}`;
}

function duePartition(webhookId: string): string {
  return `webhook-due/${webhookId}`;
}

/** As wide until the year 5188, so that times compare as texts. */
function sortOfTime(time: Date): string {
  return Math.max(0, time.getTime()).toString(36).padStart(9, '0');
}

function endOf({ since }: Delivery): Date {
  return new Date(since.getTime() + keptDays * 86_400_000);
}

function toRecord(delivery: Delivery) {
  const { deliveryId, ...value } = delivery;
  const { partition, sort } = demandKey(deliveryId);
  return { partition, sort, value, expiresAt: endOf(delivery) };
}

function readDelivery({ partition, sort, value }: StoredRecord): Delivery {
  const own = partition.slice('webhook-deliveries/wh_'.length);
  return { deliveryId: `dlv_${own}_${sort}`, ...v.parse(storedDelivery, value) };
}
