/**
 * The first text behind all that begin with the prefix; undefined when there is none. SQLite's order is that of UTF-8's
 * bytes, which is that of the code points: the last one that can grow is raised by one.
 */
export function endOfPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // The code points of surrogates are not characters: behind U+D7FF comes U+E000.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
