import * as v from 'valibot';
import { grantSchema } from '../access/grant-schema.ts';
import type { Grant } from '../access/grants.ts';
import { lineageSchema } from '../access/lineage.ts';
import { principalKinds } from '../access/principal.ts';
import { StowageError } from '../errors.ts';
import type { Records, StoredRecord } from '../records/port.ts';

/** API keys as records: one for each key, and one for when it was last used. Of a key's text they hold the hash alone. */

const date = v.pipe(v.string(), v.isoTimestamp(), v.toDate());

const storedKey = v.object({
  name: v.string(),
  tenant: v.optional(v.string()),
  grants: v.array(grantSchema),
  enabled: v.boolean(),
  createdAt: date,
  createdBy: v.object({ kind: v.picklist(principalKinds), sub: v.string() }),
  expiresAt: v.optional(date),
  /** By what it was made: with that, it ends. */
  lineage: v.optional(lineageSchema),
  /** In hex. */
  sha256: v.string(),
  /** The text before the last rotation. */
  previous: v.optional(v.object({ sha256: v.string(), until: date })),
});

export interface ApiKey extends Readonly<Omit<v.InferOutput<typeof storedKey>, 'grants'>> {
  readonly keyId: string;
  readonly grants: readonly Grant[];
}

const partition = 'keys';
const usesPartition = 'key-uses';
const pageSize = 100;

const usesRememberedSeconds = 365 * 86_400;

/** For so long after its end a key is still listed, so that one can see why something has stopped to work. */
const rememberedSeconds = 30 * 86_400;

export interface KeyPage {
  readonly keys: readonly ApiKey[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string | undefined;
}

export async function findKey(records: Records, keyId: string): Promise<ApiKey | undefined> {
  const record = await records.get(partition, keyId);
  return record && readKey(record);
}

export async function listKeys(records: Records, after: string | undefined): Promise<KeyPage> {
  const { records: found, next } = await records.list(partition, {
    limit: pageSize,
    ...(after !== undefined && { after }),
  });
  return { keys: found.map(readKey), next };
}

export async function addKey(records: Records, key: ApiKey): Promise<void> {
  if ((await records.put(toRecord(key), 'absent')) === undefined) {
    throw new Error(`The key id ${key.keyId} was drawn twice.`);
  }
}

/**
 * Changes a key as it stands, however many change it at once.
 *
 * @param change - makes of the key what is to stand there, `undefined` for nothing; may throw, and is called again when another was faster
 * @returns the key as it was before
 * @throws StowageError `key_not_found`
 */
export async function changeKey(
  records: Records,
  keyId: string,
  change: (key: ApiKey) => ApiKey | undefined,
): Promise<ApiKey> {
  for (;;) {
    const record = await records.get(partition, keyId);
    if (!record) throw keyNotFound(keyId);
    const key = readKey(record);
    const changed = change(key);
    const { version } = record;
    const done = changed
      ? (await records.put(toRecord(changed), { version })) !== undefined
      : await records.delete(partition, keyId, { version });
    if (done) return key;
  }
}

export function keyNotFound(keyId: string): StowageError {
  return new StowageError('key_not_found', `There is no API key "${keyId}".`);
}

export async function noteUse(records: Records, keyId: string, at: Date): Promise<void> {
  const expiresAt = new Date(at.getTime() + usesRememberedSeconds * 1000);
  await records.put({ partition: usesPartition, sort: keyId, value: at.toISOString(), expiresAt });
}

export async function lastUse(records: Records, keyId: string): Promise<Date | undefined> {
  const record = await records.get(usesPartition, keyId);
  return record && v.parse(date, record.value);
}

function readKey({ sort, value }: StoredRecord): ApiKey {
  return { keyId: sort, ...v.parse(storedKey, value) };
}

function toRecord({ keyId, ...value }: ApiKey) {
  const { expiresAt } = value;
  return {
    partition,
    sort: keyId,
    value,
    expiresAt: expiresAt && new Date(expiresAt.getTime() + rememberedSeconds * 1000),
  };
}
