import { useState } from 'preact/hooks';
import { useSession } from '../session/session.ts';
import { type Answer, useAnswer } from '../ui/use-answer.ts';
import { type Entry, entriesOf } from './entries.ts';
import { folderOf, type Place } from './place.ts';

export interface Listing extends Answer<readonly Entry[]> {
  readonly pageNumber: number;
  /** Absent on the first page, and on the last. */
  readonly previous: (() => void) | undefined;
  readonly next: (() => void) | undefined;
}

const pageSize = 100;

/** One page of what is at a place. Going elsewhere begins at the first page again. */
export function useListing({ bucket, prefix }: Place): Listing {
  const { client } = useSession();
  const [position, setPosition] = useState<Place & { readonly cursors: readonly string[] }>();
  const isHere = position?.bucket === bucket && position.prefix === prefix;
  const cursors = isHere ? position.cursors : [];
  const cursor = cursors.at(-1);

  const answer = useAnswer(
    async (signal) => {
      const page = await client.list(bucket, {
        prefix,
        delimiter: '/',
        limit: pageSize,
        signal,
        ...(cursor !== undefined && { cursor }),
      });
      return { bucket, entries: entriesOf(page, folderOf(prefix)), cursor: page.cursor };
    },
    [bucket, prefix, cursor],
  );

  const goTo = (to: readonly string[]) => setPosition({ bucket, prefix, cursors: to });
  // The last folder may stay to be seen until the next is there; another bucket's keys would mean other objects here.
  const value = answer.value?.bucket === bucket ? answer.value : undefined;
  const nextCursor = answer.isLoading ? undefined : value?.cursor;
  return {
    ...answer,
    value: value?.entries,
    pageNumber: cursors.length + 1,
    previous: cursors.length > 0 ? () => goTo(cursors.slice(0, -1)) : undefined,
    next: nextCursor === undefined ? undefined : () => goTo([...cursors, nextCursor]),
  };
}
