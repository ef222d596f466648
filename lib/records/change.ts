import type { Addition, Change, Condition, Counters, StoredRecord } from './port.ts';

/** What stands in a record, apart from its key and version. */
export type Content = Pick<StoredRecord, 'value' | 'counters' | 'expiresAt'>;

/** What a change leaves of the record that stands there now. */
export function changed(current: StoredRecord | undefined, change: Change): Content | 'deleted' | 'refused' {
  if (change.action === 'add') {
    const counters = sum(current?.counters ?? {}, change);
    const expiresAt = change.expiresAt ?? current?.expiresAt;
    return counters ? { value: current?.value ?? null, counters, expiresAt } : 'refused';
  }
  if (!holds(change.condition, current)) return 'refused';
  return change.action === 'delete'
    ? 'deleted'
    : { value: change.value, counters: {}, expiresAt: change.expiresAt };
}

/** What a counter may at most be raised to. */
export function ceilingOf(name: string, ceilings: Counters | undefined): number {
  return ceilings?.[name] ?? Number.MAX_SAFE_INTEGER;
}

function holds(condition: Condition | undefined, current: StoredRecord | undefined): boolean {
  if (condition === undefined) return true;
  if (condition === 'absent') return current === undefined;
  if (condition === 'present') return current !== undefined;
  return current?.version === condition.version;
}

/** All counters after the addition; undefined when it is refused. */
function sum(counters: Counters, { deltas, ceilings }: Addition): Counters | undefined {
  const after = { ...counters };
  for (const [name, delta] of Object.entries(deltas)) {
    const count = (counters[name] ?? 0) + delta;
    if (count < 0 || (delta > 0 && count > ceilingOf(name, ceilings))) return undefined;
    after[name] = count;
  }
  return after;
}
