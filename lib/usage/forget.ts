import type { Records } from '../records/port.ts';
import { type CountedObject, keyOf } from './counted-objects.ts';
import { additionsOf, minusOne } from './counters.ts';

/** Each is a change, and so are the counters and the day of each of their tenants; a transaction takes 100. */
const objectsAtOnce = 33;

export interface ForgetDeps {
  readonly records: Records;
  readonly now: () => Date;
}

/** Gives back what deleted objects held, except where another is counted in their place by now. */
export async function forgetObjects(
  deps: ForgetDeps,
  bucket: string,
  deleted: readonly CountedObject[],
): Promise<void> {
  for (let start = 0; start < deleted.length; start += objectsAtOnce) {
    await forgetSome(deps, bucket, deleted.slice(start, start + objectsAtOnce));
  }
}

async function forgetSome(
  { records, now }: ForgetDeps,
  bucket: string,
  deleted: readonly CountedObject[],
): Promise<void> {
  const left = [...deleted];
  while (left.length > 0) {
    const shifts = left.map(({ tenant, bytes }) => ({ tenant, stored: minusOne(bytes) }));
    const result = await records.transact([
      ...left.map(({ version, ...object }) => ({
        action: 'delete' as const,
        condition: { version },
        ...keyOf(bucket, object),
      })),
      ...additionsOf(bucket, shifts, now()),
    ]);
    if (result.done) return;
    if (result.refused >= left.length) throw new Error(`The usage of ${bucket} would fall below zero.`);
    left.splice(result.refused, 1);
  }
}
