import type { DatabaseSync } from 'node:sqlite';

/** Remembers what was found in the tables that every request asks, and hardly one changes. */
export interface SeldomChanged {
  readonly remember: <K, V>(read: (key: K) => V | undefined) => (key: K) => V | undefined;
  /** Forgets everything. Belongs into the commit of each change. */
  readonly changed: () => void;
}

/** Of each table. */
const maxKnown = 1000;

export function seldomChanged(database: DatabaseSync): SeldomChanged {
  const memories: { readonly clear: () => void }[] = [];
  let hasChanged = false;

  /** Until its transaction has ended, a change may be undone: nothing of it is to be remembered. */
  function isUnsettled(): boolean {
    if (!hasChanged || database.isTransaction) return hasChanged;
    for (const memory of memories) memory.clear();
    hasChanged = false;
    return false;
  }

  return {
    remember: <K, V>(read: (key: K) => V | undefined) => {
      const known = new Map<K, V>();
      memories.push(known);
      return (key: K) => {
        if (isUnsettled()) return read(key);
        const value = known.get(key) ?? read(key);
        if (known.size >= maxKnown) known.clear();
        if (value !== undefined) known.set(key, value);
        return value;
      };
    },
    changed: () => {
      hasChanged = true;
    },
  };
}
