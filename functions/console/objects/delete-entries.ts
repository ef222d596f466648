import type { StowageClient } from '../../../lib/client/client.ts';
import type { DeleteResult } from '../../../lib/client/contract.ts';
import type { Entry } from '../browse/entries.ts';

export interface Deletion {
  readonly deletedCount: number;
  /** What stays, and why. */
  readonly refused: readonly Refused[];
}

export type Refused = Extract<DeleteResult, { readonly error: object }>;

/**
 * Deletes objects and whole folders, page by page.
 *
 * @param onDeleted - told how many are gone by now
 */
export async function deleteEntries(
  client: StowageClient,
  bucket: string,
  entries: readonly Entry[],
  onDeleted: (count: number) => void,
): Promise<Deletion> {
  const refused: Refused[] = [];
  let deletedCount = 0;
  for await (const keys of keysOf(client, bucket, entries)) {
    for (const result of await client.deleteMany(bucket, keys)) {
      if (result.error) refused.push(result);
      else deletedCount += 1;
    }
    onDeleted(deletedCount);
  }
  return { deletedCount, refused };
}

async function* keysOf(client: StowageClient, bucket: string, entries: readonly Entry[]) {
  const objects = entries.filter(({ kind }) => kind === 'object').map(({ key }) => key);
  if (objects.length > 0) yield objects;
  for (const { kind, key } of entries) {
    if (kind === 'object') continue;
    for await (const page of client.pages(bucket, { prefix: key })) {
      if (page.objects.length > 0) yield page.objects.map((object) => object.key);
    }
  }
}
