import * as v from 'valibot';

/**
 * A name that may stand in a prefix. Without `/`, so that no name reaches into the folder of another, and without
 * control characters, so that none of them forges a log line.
 */
export const prefixName = v.pipe(
  v.string(),
  v.regex(/^[^/\p{C}]{1,128}$/u, 'must be 1 to 128 characters without "/" and control characters'),
  v.check((name) => name !== '.' && name !== '..', 'must not be "." or ".."'),
);

/** The names of whoever a grant is given to. */
export interface Names {
  readonly sub: string;
  readonly tenant?: string | undefined;
}

/**
 * Fills `${sub}` and `${tenant}` into a prefix.
 *
 * @returns `undefined` when a name is missing, or is no {@link prefixName}, or the placeholder is unknown: such a grant must not be given
 */
export function fillPrefix(template: string, names: Names): string | undefined {
  const known: ReadonlyMap<string, string | undefined> = new Map(
    Object.entries({ sub: names.sub, tenant: names.tenant }),
  );
  const placeholder = /\$\{(\w+)\}/g;
  const values = Array.from(template.matchAll(placeholder), ([, name = '']) => known.get(name));
  if (!values.every((value) => v.is(prefixName, value))) return undefined;
  return template.replaceAll(placeholder, (_, name: string) => known.get(name) ?? '');
}
