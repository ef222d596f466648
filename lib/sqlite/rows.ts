import type { SQLOutputValue } from 'node:sqlite';

/** Columns as the schema declares them. A column of another type means a damaged file, and that must not pass silently. */
type Column = SQLOutputValue | undefined;

export function text(column: Column): string {
  if (typeof column === 'string') return column;
  throw new TypeError('The database holds no text where the schema has one.');
}

export function integer(column: Column): number {
  if (typeof column === 'number') return column;
  throw new TypeError('The database holds no integer where the schema has one.');
}

export function bytes(column: Column): Buffer {
  if (column instanceof Uint8Array) return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
  throw new TypeError('The database holds no bytes where the schema has some.');
}

/** The value of a column that may be NULL. */
export function optional<T>(column: Column, read: (column: Column) => T): T | undefined {
  return column === null ? undefined : read(column);
}

/** A JSON object whose values are texts. */
export function textMap(column: Column): Readonly<Record<string, string>> {
  const map: Readonly<Record<string, string>> = JSON.parse(text(column));
  return map;
}
