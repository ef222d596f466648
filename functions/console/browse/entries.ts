import type { ListPage } from '../../../lib/client/contract.ts';

/** A row of the listing. */
export type Entry = FolderEntry | ObjectEntry;

export interface FolderEntry {
  readonly kind: 'folder';
  /** The prefix: ends in a slash. */
  readonly key: string;
  readonly name: string;
}

export interface ObjectEntry {
  readonly kind: 'object';
  readonly key: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly lastModified: string;
}

export type Column = 'name' | 'sizeBytes' | 'lastModified';

export interface Order {
  readonly column: Column;
  readonly isDescending: boolean;
}

/** @param folder - what all keys of the page begin with, and names leave out */
export function entriesOf({ prefixes, objects }: ListPage, folder: string): readonly Entry[] {
  return [
    ...prefixes.map((key) => ({ kind: 'folder' as const, key, name: key.slice(folder.length) })),
    ...objects.map(({ key, sizeBytes, lastModified }) => ({
      kind: 'object' as const,
      key,
      // An object whose key is the folder's own: some programs make them, to show empty folders.
      name: key.slice(folder.length) || '(this folder)',
      sizeBytes,
      lastModified,
    })),
  ];
}

/** Folders stay first; they have neither size nor time. Numbers in names count as numbers. */
export function sortEntries(entries: readonly Entry[], { column, isDescending }: Order): readonly Entry[] {
  const compareNames = new Intl.Collator(undefined, { numeric: true }).compare;
  const compare = (a: Entry, b: Entry) => {
    if (column === 'name' || a.kind === 'folder' || b.kind === 'folder') return compareNames(a.name, b.name);
    return column === 'sizeBytes'
      ? a.sizeBytes - b.sizeBytes
      : Date.parse(a.lastModified) - Date.parse(b.lastModified);
  };
  const direction = isDescending ? -1 : 1;
  return entries.toSorted(
    (a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder') || direction * compare(a, b),
  );
}
