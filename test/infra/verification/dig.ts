/** What stands at a path in a value of unknown shape; `undefined` where the path leads nowhere. */
export function dig(value: unknown, ...path: readonly (string | number)[]): unknown {
  let inner = value;
  for (const step of path) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    inner = new Map<unknown, unknown>(Array.isArray(inner) ? inner.entries() : Object.entries(inner)).get(
      step,
    );
  }
  return inner;
}

/** The items of a list at a path; a single value counts as a list of one, and nothing as an empty one. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): unknown[] {
  const found = dig(value, ...path);
  if (found === undefined || found === null) return [];
  return Array.isArray(found) ? found : [found];
}

/** The texts among the items of a list at a path. */
export function textsAt(value: unknown, ...path: readonly (string | number)[]): string[] {
  return listAt(value, ...path).filter((item) => typeof item === 'string');
}

/** Every text in a value, keys left out. */
export function everyText(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(everyText);
}
