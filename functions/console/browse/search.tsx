import { folderOf, type Place, replacePlace } from './place.ts';

/** Narrows the listing to the names that begin with what is typed: the one search that storage itself can do. */
export function Search({ bucket, prefix }: Place) {
  const folder = folderOf(prefix);
  return (
    <input
      class="search"
      type="search"
      aria-label="Find names that begin with"
      placeholder="Name begins with…"
      spellcheck={false}
      value={prefix.slice(folder.length)}
      onInput={({ currentTarget }) =>
        // A slash would be a folder; whoever types one goes into it.
        replacePlace({ bucket, prefix: folder + currentTarget.value })
      }
    />
  );
}
