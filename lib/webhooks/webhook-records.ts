import * as v from 'valibot';
import { lineageSchema } from '../access/lineage.ts';
import { principalKinds } from '../access/principal.ts';
import { StowageError } from '../errors.ts';
import type { Change, NewRecord, Records, StoredRecord } from '../records/port.ts';
import { webhookSettings } from './schema.ts';

/**
 * Webhooks as records. Beside them stands one that is written with every change of any of them: whoever has read them
 * all finds out by it, at the price of one small record, that they are still the same.
 */

const date = v.pipe(v.string(), v.isoTimestamp(), v.toDate());

const storedWebhook = v.object({
  ...webhookSettings,
  tenant: v.optional(v.string()),
  createdAt: date,
  createdBy: v.object({ kind: v.picklist(principalKinds), sub: v.string() }),
  /** On whose rights it stands: of whoever made it, or had the last say in where it goes and what it gets. */
  authority: v.object({ lineage: lineageSchema, expiresAt: v.optional(date) }),
  /** The newest first. */
  secrets: v.array(v.object({ secret: v.string(), createdAt: date, expiresAt: v.optional(date) })),
  /** Why the service itself has disabled it. */
  disabledReason: v.optional(v.string()),
});

export interface Webhook extends Readonly<v.InferOutput<typeof storedWebhook>> {
  readonly webhookId: string;
}

const partition = 'webhooks';
const pageSize = 100;
const generationKey = { partition: 'webhooks-generation', sort: 'generation' } as const;

export interface WebhookPage {
  readonly webhooks: readonly Webhook[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string | undefined;
}

export async function findWebhook(records: Records, webhookId: string): Promise<Webhook | undefined> {
  const record = await records.get(partition, webhookId);
  return record && readWebhook(record);
}

export async function listWebhooks(records: Records, after?: string): Promise<WebhookPage> {
  const { records: found, next } = await records.list(partition, {
    limit: pageSize,
    ...(after !== undefined && { after }),
  });
  return { webhooks: found.map(readWebhook), next };
}

export async function allWebhooks(records: Records): Promise<readonly Webhook[]> {
  const all: Webhook[] = [];
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await listWebhooks(records, after);
    all.push(...page.webhooks);
    after = page.next;
  }
  return all;
}

/** Becomes another with every change of a webhook. */
export async function webhooksGeneration(records: Records): Promise<string | undefined> {
  return (await records.get(generationKey.partition, generationKey.sort))?.version;
}

export async function addWebhook(records: Records, webhook: Webhook): Promise<void> {
  const { done } = await records.transact([
    { action: 'put', condition: 'absent', ...toRecord(webhook) },
    newGeneration,
  ]);
  if (!done) throw new Error(`The webhook id ${webhook.webhookId} was drawn twice.`);
}

/**
 * Changes a webhook as it stands, however many change it at once.
 *
 * @param change - makes of the webhook what is to stand there, `undefined` for nothing; may throw, and is called again when another was faster
 * @returns what stands there now
 * @throws StowageError `webhook_not_found`
 */
export async function changeWebhook(
  records: Records,
  webhookId: string,
  change: (webhook: Webhook) => Webhook | undefined,
): Promise<Webhook | undefined> {
  for (;;) {
    const record = await records.get(partition, webhookId);
    if (!record) throw webhookNotFound(webhookId);
    const changed = change(readWebhook(record));
    const condition = { version: record.version };
    const { done } = await records.transact([
      changed
        ? { action: 'put', condition, ...toRecord(changed) }
        : { action: 'delete', condition, partition, sort: webhookId },
      newGeneration,
    ]);
    if (done) return changed;
  }
}

export function webhookNotFound(webhookId: string): StowageError {
  return new StowageError('webhook_not_found', `There is no webhook "${webhookId}".`);
}

const newGeneration: Change = { action: 'put', ...generationKey, value: null };

function readWebhook({ sort, value }: StoredRecord): Webhook {
  return { webhookId: sort, ...v.parse(storedWebhook, value) };
}

function toRecord({ webhookId, ...value }: Webhook): NewRecord {
  return { partition, sort: webhookId, value };
}
