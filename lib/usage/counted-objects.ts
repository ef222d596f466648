import { hash } from 'node:crypto';
import * as v from 'valibot';
import type { NewRecord, RecordKey, Records } from '../records/port.ts';

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
  return { partition: `counted/${bucket}`, sort: hash('sha256', `${key}\0${versionId}`) };
}

export async function findCounted(
  records: Records,
  bucket: string,
  object: ObjectVersion,
): Promise<CountedObject | undefined> {
  const { partition, sort } = keyOf(bucket, object);
  const record = await records.get(partition, sort);
  return record && { ...v.parse(countedSchema, record.value), version: record.version };
}
