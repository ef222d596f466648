import { hash } from 'node:crypto';
import * as v from 'valibot';
import type { NewRecord, RecordKey, Records, StoredRecord } from '../records/port.ts';

/**
 * The objects that usage counts, each a record: so what an overwrite or a deletion gives back is exactly what was
 * counted, once, whoever asks how often and at the same time.
 */

const countedSchema = v.object({
  tenant: v.string(),
  key: v.string(),
  versionId: v.optional(v.string()),
  bytes: v.number(),
  /** Of the upload that wrote it. */
  marker: v.string(),
});

type CountedValue = v.InferOutput<typeof countedSchema>;

export interface CountedObject extends CountedValue {
  readonly version: string;
}

/** An object, or one of its versions. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId?: string | undefined;
}

export function toRecord(bucket: string, value: CountedValue): NewRecord {
  return { ...keyOf(bucket, value), value };
}

/** Hashed, because key and version do not fit into a sort key, and so that a database can split the partition evenly. */
export function keyOf(bucket: string, { key, versionId = '' }: ObjectVersion): RecordKey {
  return { partition: partitionOf(bucket), sort: hash('sha256', `${key}\0${versionId}`) };
}

export async function findCounted(
  records: Records,
  bucket: string,
  object: ObjectVersion,
): Promise<CountedObject | undefined> {
  const { partition, sort } = keyOf(bucket, object);
  const record = await records.get(partition, sort);
  return record && fromRecord(record);
}

/**
 * A page of what is counted in a bucket, in no order that means anything.
 *
 * @param after - the `next` of the page before
 */
export async function listCounted(
  records: Records,
  bucket: string,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<{ readonly objects: readonly CountedObject[]; readonly next?: string | undefined }> {
  const query = { limit, ...(after !== undefined && { after }) };
  const { records: found, next } = await records.list(partitionOf(bucket), query);
  return { objects: found.map(fromRecord), next };
}

function partitionOf(bucket: string): string {
  return `counted/${bucket}`;
}

function fromRecord({ value, version }: StoredRecord): CountedObject {
  return { ...v.parse(countedSchema, value), version };
}
